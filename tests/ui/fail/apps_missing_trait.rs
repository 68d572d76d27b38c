//! A service depends on a trait that no service of the app provides.
//!
//! List a service that provides it: `Db as dyn Storage`.

use sprag::prelude::*;

pub trait Storage {}

pub struct Db;

impl Storage for Db {}

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_storage: Handle<dyn Storage>) -> Self {
        Self
    }
}

app! { pub Shop { Mailer, Db } } //~ ERROR

fn main() {}
