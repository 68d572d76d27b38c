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

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_db: Handle<Db>, _clock: Handle<Clock>) -> Self {
        Self
    }
}

app! { pub Shop { Mailer, Db, Clock } }

fn main() {}
