//! An app has two values of one type.
//!
//! Give one of them a type of its own.

use sprag::prelude::*;

pub struct Main;
pub struct Backup;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop(Main, Main) { Db } } //~ ERROR

fn main() {}
