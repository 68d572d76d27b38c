//! An app is written as if it were a struct.
//!
//! Leave the keyword out.

use sprag::prelude::*;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! { pub struct Hub { Library } } //~ ERROR

fn main() {}
