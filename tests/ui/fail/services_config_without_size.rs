//! `new` takes a trait as a value of the app.
//!
//! Take an `Arc` of it, or the service that provides it.

use sprag::prelude::*;

pub trait Clock: Send + Sync {}

pub struct Db;

#[service]
impl Db {
    fn new(_: Config<dyn Clock>) -> Self { //~ ERROR
        Self
    }
}

fn main() {}
