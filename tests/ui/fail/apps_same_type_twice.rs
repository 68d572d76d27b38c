//! An app lists one service under two names.
//!
//! Remove one.

use sprag::prelude::*;

pub struct Library;
pub type Books = Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! { pub Hub { Library, Books } } //~ ERROR

fn main() {}
