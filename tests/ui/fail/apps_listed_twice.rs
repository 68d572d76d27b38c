//! An app lists a service twice.
//!
//! Remove one, or distinguish two of a kind by a marker type.

use std::marker::PhantomData;

use sprag::prelude::*;

pub struct Primary;
pub struct Replica;

pub struct Db<Role> {
    role: PhantomData<fn() -> Role>,
}

#[service]
impl<Role: 'static> Db<Role> {
    fn new() -> Self {
        Self { role: PhantomData }
    }
}

app! { pub Shop { Db<Primary>, Db<Primary> } } //~ ERROR

fn main() {}
