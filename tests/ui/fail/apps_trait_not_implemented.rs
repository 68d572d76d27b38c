//! A service must provide a trait that it does not implement.
//!
//! Implement it.

use sprag::prelude::*;

pub trait Storage {}

pub struct Db;



#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db as dyn Storage } } //~ ERROR

fn main() {}
