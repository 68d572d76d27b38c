use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Clock;

#[service]
impl Clock {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db, Clock } }

fn main() {}
