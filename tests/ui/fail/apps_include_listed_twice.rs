//! An app lists a service that an included list has, too.
//!
//! Remove one of both.

use sprag::prelude::*;

pub struct Clock;

#[service]
impl Clock {
    fn new() -> Self {
        Self
    }
}

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Cfg;

sprag::services! { pub Storage { Db } }

app! { pub Shop(Cfg) { Clock, Db, ..Storage } } //~ ERROR

fn main() {}
