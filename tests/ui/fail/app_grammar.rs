//! Two entries that cannot be read: two errors, each at its entry.

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

app! { pub Shop { Db as Storage, 3 } }

fn main() {}
