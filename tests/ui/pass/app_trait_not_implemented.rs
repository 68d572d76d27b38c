//! S3: a service is said to stand for a trait that it does not implement.

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

app! { pub Shop { Db as dyn Storage } }

fn main() {}
