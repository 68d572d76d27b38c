//! The other file of `services_two_new_in_two_files`: a service of its own type, of the same
//! name.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) {}
}

app! { pub Shop { Db } }

pub fn check(_db: &super::Db) {}
