//! Types in `new` have too few or too many arguments.
//!
//! Write one: the service, or the value.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct A;

#[service]
impl A {
    fn new(
        _: Handle, //~ ERROR
        _: Config, //~ ERROR
        _: Handle<Db, Db>, //~ ERROR
    ) -> Self {
        Self
    }
}

fn main() {}
