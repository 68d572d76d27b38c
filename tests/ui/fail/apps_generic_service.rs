//! A generic service is listed without its arguments.
//!
//! Write them.

use std::marker::PhantomData;
use sprag::prelude::*;

pub struct Db<Role> {
    role: PhantomData<fn() -> Role>,
}

#[service]
impl<Role: 'static> Db<Role> {
    fn new() -> Self {
        Self { role: PhantomData }
    }
}

app! { pub Shop { Db } } //~ ERROR

fn main() {}
