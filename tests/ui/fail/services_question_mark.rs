//! A hook that returns nothing has a `?`.
//!
//! Return `sprag::Result<()>`.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    pub fn size(&self) -> usize {
        0
    }
}

pub struct Mailer {
    db: Handle<Db>,
}

#[service]
impl Mailer {
    fn new(db: Handle<Db>) -> Self {
        Self { db }
    }

    fn on_start(&self) {
        println!("{}", self.db.get()?.size()); //~ ERROR
    }
}

app! { pub Shop { Mailer, Db } }

fn main() {}
