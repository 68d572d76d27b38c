//! A handle stands where the service itself is meant.
//!
//! Name the service.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer;

#[service(depends_on(Handle<Db>))] //~ ERROR
impl Mailer {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db, Mailer } }

fn main() {}
