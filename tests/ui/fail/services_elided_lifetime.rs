//! A service borrows for a lifetime without a name.
//!
//! Hold owned data or an `Arc`.

use sprag::prelude::*;

pub struct Library<'a> {
    pub name: &'a str,
}

#[service]
impl Library<'_> { //~ ERROR
    fn new() -> Self {
        Self { name: "library" }
    }
}

fn main() {}
