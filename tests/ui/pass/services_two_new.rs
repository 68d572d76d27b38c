use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) {}
}

app! { pub Shop { Db } }

fn main() {}
