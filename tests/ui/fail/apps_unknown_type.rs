//! An app lists a type that does not exist.
//!
//! Correct the spelling, or import the type.

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
