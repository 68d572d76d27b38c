//! `depends_on` names a handle instead of the service.
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
