//! The entries of an app are types that are not services, as they are written.
//!
//! Write the service itself.

use sprag::prelude::*;

pub trait Storage: Send + Sync {}

pub struct Db;

impl Storage for Db {}

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub A { Handle<Db> } } //~ ERROR
app! { pub B { &Db } } //~ ERROR
app! { pub C { dyn Storage } } //~ ERROR

fn main() {}
