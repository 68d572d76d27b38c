//! A service takes a `Scope`, whose name is not imported.
//!
//! Import `sprag::prelude::*`.

use sprag::app;
use sprag::service;

pub struct Db;

#[service]
impl Db {
    fn new(_scope: &Scope) -> Self { //~ ERROR
        Self
    }
}

app! { pub Shop { Db } }

fn main() {}
