use sprag::prelude::*;
use std::sync::Arc;

#[derive(Event)]
pub struct Moved;

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
        _: &Scope,
        _: &Handle<Db>,
        _: Config<u16>,
        _: Option<Handle<Db>>,
        _: Bus,
    ) -> Self {
        Self
    }
}

pub struct B;

#[service]
impl B {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop(u16) { Db, A, B } }

fn main() {
    let _ = Arc::new(Moved);
}
