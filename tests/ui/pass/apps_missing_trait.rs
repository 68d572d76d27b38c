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

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_storage: Handle<dyn Storage>) -> Self {
        Self
    }
}

app! { pub Shop { Mailer, Db as dyn Storage } }

fn main() {}
