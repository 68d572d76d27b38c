//! A service of an app provides a trait that does not exist.
//!
//! Correct the spelling, or import the trait.

use sprag::prelude::*;

pub trait Storage: Send + Sync {}

impl Storage for Db {}

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db as dyn Storge } } //~ ERROR

fn main() {}
