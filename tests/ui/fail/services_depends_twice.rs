//! A service names another one twice, or writes `depends_on` in another form.
//!
//! Name each service once, in parentheses.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct A;

#[service(depends_on(Db, Db))] //~ ERROR
impl A {
    fn new() -> Self {
        Self
    }
}

pub struct B;

#[service(depends_on(Db), wants(Db))] //~ ERROR
impl B {
    fn new() -> Self {
        Self
    }
}

pub struct C;

#[service(depends_on = Db)] //~ ERROR
impl C {
    fn new() -> Self {
        Self
    }
}

pub struct D;

#[service(depends_on = [Db])] //~ ERROR
impl D {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db, A, B, C, D } }

fn main() {}
