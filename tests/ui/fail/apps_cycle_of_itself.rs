//! A service depends on itself.
//!
//! Remove the dependency.

use sprag::prelude::*;

pub struct Db;

#[service(depends_on(Db))]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db } } //~ ERROR

fn main() {}
