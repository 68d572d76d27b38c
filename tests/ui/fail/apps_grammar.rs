//! An entry of an app is not a service.
//!
//! List services by their types, and a trait as `Db as dyn Storage`.

use sprag::prelude::*;

pub trait Storage {}

pub struct Db;

impl Storage for Db {}

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db as Storage, 3 } } //~ ERROR //~ ERROR

fn main() {}
