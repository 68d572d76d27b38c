//! The `new` of a service is not a plain constructor.
//!
//! Take parameters that an app provides, and return the service.

use sprag::prelude::*;

pub struct A;

#[service]
impl A {
    fn new(&self) -> Self { //~ ERROR
        Self
    }
}

pub struct B;

#[service]
impl B {
    fn new<T>() -> Self { //~ ERROR
        Self
    }
}

pub struct C;

#[service]
impl C {
    fn new() { //~ ERROR
        ()
    }
}

pub struct D;

#[service]
impl D {
    fn new(_db: &A) -> Self { //~ ERROR
        Self
    }
}

app! { pub Shop { A, B, C, D } }

fn main() {}
