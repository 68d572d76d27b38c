//! An app lists a type that there is not.
//!
//! Spell it right, or import it.

use sprag::prelude::*;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! { pub Hub { Librariy } } //~ ERROR

fn main() {}
