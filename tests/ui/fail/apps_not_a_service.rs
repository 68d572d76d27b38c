//! An app lists a type that is not a service.
//!
//! Put `#[service]` on its `impl` block, or do not list it.

use sprag::prelude::*;

pub struct Plain;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db, Plain } } //~ ERROR

fn main() {}
