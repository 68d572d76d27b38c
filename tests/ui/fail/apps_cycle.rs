//! Two services depend on each other.
//!
//! Reverse one dependency, or move the code that both need into a third service.

use sprag::prelude::*;

pub struct Db;

#[service(depends_on(Mailer))]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_db: Handle<Db>) -> Self {
        Self
    }
}

app! { pub Shop { Mailer, Db } } //~ ERROR

fn main() {}
