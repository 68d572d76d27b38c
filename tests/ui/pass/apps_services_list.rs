use sprag::prelude::*;

pub struct Clock;

#[service]
impl Clock {
    fn new() -> Self {
        Self
    }
}

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Cfg;

sprag::services! { pub Time { Clock } }

sprag::services! {
    pub Storage {
        Db,
    }
}

app! { pub Shop(Cfg) { ..Storage, ..Time } }

fn main() {}
