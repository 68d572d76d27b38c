//! A public service depends on a private one.
//!
//! Give both the same visibility, as in `pub struct Db`.

use sprag::prelude::*;

struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_db: Handle<Db>) -> Self { //~ ERROR
        Self
    }
}

pub struct Reader;

#[service(depends_on(Db))] //~ ERROR
impl Reader {
    fn new(_scope: &Scope) -> Self {
        Self
    }
}

app! { pub Shop { Mailer, Reader, Db } }

fn main() {}
