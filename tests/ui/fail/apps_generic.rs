//! An app has parameters.
//!
//! Write its name alone.

use sprag::prelude::*;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! { pub Hub<T> { Library } } //~ ERROR

fn main() {}
