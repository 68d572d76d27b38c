use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_db: Handle<Db>) -> Self {
        Self
    }
}

pub struct Reader;

#[service(depends_on(Db))]
impl Reader {
    fn new(_scope: &Scope) -> Self {
        Self
    }
}

app! { pub Shop { Mailer, Reader, Db } }

fn main() {}
