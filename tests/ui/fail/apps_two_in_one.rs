//! One `app!` holds two apps.
//!
//! Write two.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db } pub Hub { Db } } //~ ERROR

fn main() {}
