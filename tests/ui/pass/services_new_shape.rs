use sprag::prelude::*;

pub struct A;

#[service]
impl A {
    fn new() -> Self {
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

pub struct C;

#[service]
impl C {
    fn new() -> Self {
        Self
    }
}

pub struct D;

#[service]
impl D {
    fn new(_db: Handle<A>) -> Self {
        Self
    }
}

app! { pub Shop { A, B, C, D } }

fn main() {}
