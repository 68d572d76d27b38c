use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct A;

#[service(depends_on(Db))]
impl A {
    fn new() -> Self {
        Self
    }
}

pub struct B;

#[service(depends_on(Db))]
impl B {
    fn new() -> Self {
        Self
    }
}

pub struct C;

#[service(depends_on(Db))]
impl C {
    fn new() -> Self {
        Self
    }
}

pub struct D;

#[service(depends_on(Db))]
impl D {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db, A, B, C, D } }

fn main() {}
