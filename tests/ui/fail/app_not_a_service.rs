//! S3: what an app lists is a service.

use sprag::prelude::*;

pub struct Plain;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db, Plain } }

fn main() {}
