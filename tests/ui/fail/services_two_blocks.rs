//! A service has two `#[service]` blocks.
//!
//! Move the hooks into the block that has `new`.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

#[service]
impl Db { //~ ERROR
    fn on_start(&self) {}
}

app! { pub Shop { Db } }

fn main() {}
