//! An app lists a service that is configured away.
//!
//! Put the same `#[cfg]` on the entry.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

#[cfg(any())]
pub struct Mailer;

app! { pub Shop { Db, Mailer } } //~ ERROR

fn main() {}
