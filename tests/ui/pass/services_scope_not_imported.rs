use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new(_scope: &Scope) -> Self {
        Self
    }
}

app! { pub Shop { Db } }

fn main() {}
