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

pub struct Fake;

impl Storage for Fake {}

#[service]
impl Fake {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db as dyn Storage, Fake } }

fn main() {}
