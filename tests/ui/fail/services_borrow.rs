//! A service borrows.
//!
//! Hold owned data or an `Arc`.

use sprag::prelude::*;

pub struct Library<'a> {
    pub name: &'a str,
}

#[service]
impl<'a> Library<'a> { //~ ERROR
    fn new() -> Self {
        Self { name: "library".into() }
    }
}

fn main() {}
