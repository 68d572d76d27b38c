//! Two apps of one module have one name.
//!
//! Rename one.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db } }

app! { pub Shop { Db } } //~ ERROR

fn main() {}
