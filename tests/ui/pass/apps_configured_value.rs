use sprag::prelude::*;

pub struct Settings;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop(Settings) { Db } }

fn main() {}
