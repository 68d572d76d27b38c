//! A service has a block with a `new` in each of two files.
//!
//! Remove one `new`, and move the hooks beside the other one.

use sprag::prelude::*;

mod hooks_of_db;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self { //~ ERROR
        Self
    }
}

app! { pub Shop { Db } }

fn main() {
}
