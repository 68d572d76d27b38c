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

app! { pub Shop { Db as dyn Storage } }

fn main() {}
