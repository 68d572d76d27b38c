//! A service takes one handle of a trait that two services provide.
//!
//! Take handles of all of them, or leave the trait to one service.

use sprag::prelude::*;

pub trait Storage: Send + Sync {}

pub struct Db;

impl Storage for Db {}

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Fake;

impl Storage for Fake {}

#[service]
impl Fake {
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

app! { pub Shop { Mailer, Db as dyn Storage, Fake as dyn Storage } } //~ ERROR

fn main() {}
