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
        _: Handle<Db>,
        _: Config<u8>,
        _: Handle<Db>,
    ) -> Self {
        Self
    }
}

fn main() {}
