use sprag::prelude::*;

pub struct Main;
pub struct Backup;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop(Main, Backup) { Db } }

fn main() {}
