//! `new` has parameters that an app does not pass, some of which are near to those it passes.
//!
//! Take handles, `Config`, `Bus` and `&Scope`.

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
        _: Handel<Db>, //~ ERROR
        _: &mut Scope, //~ ERROR
        _: &mut Handle<Db>, //~ ERROR
        _: Arc<Db>, //~ ERROR
        _: u16, //~ ERROR
        _: &Moved, //~ ERROR
        _: Option<Config<u8>>, //~ ERROR
        _: (Handle<Db>, Bus), //~ ERROR
        _: impl Send, //~ ERROR
    ) -> Self {
        Self
    }
}

pub struct B;

#[service]
impl B {
    unsafe fn new() -> Self { //~ ERROR
        Self
    }
}

app! { pub Shop(u16) { Db, A, B } }

fn main() {
}
