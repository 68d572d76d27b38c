use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer;

#[service(depends_on(Db))]
impl Mailer {
    fn new(_db: Handle<Db>) -> Self {
        Self
    }
}

app! { pub Shop { Mailer, Db } }

fn main() {}
