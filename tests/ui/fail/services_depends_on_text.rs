//! `depends_on` names a service as text.
//!
//! Write the type.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer;

#[service(depends_on("Db"))] //~ ERROR
impl Mailer {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db, Mailer } }

fn main() {}
