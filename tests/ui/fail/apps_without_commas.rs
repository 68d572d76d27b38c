//! The entries of an app are not separated by commas.
//!
//! Write a comma between two entries.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Clock;

#[service]
impl Clock {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db Clock } } //~ ERROR

fn main() {}
