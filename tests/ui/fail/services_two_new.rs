//! A service has two blocks with a `new`.
//!
//! Remove one `new`, and move the hooks beside the other one.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

#[service]
impl Db {
    fn new() -> Self { //~ ERROR
        Self
    }
}

app! { pub Shop { Db } }

fn main() {}
