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
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db, Mailer } }

fn main() {}
