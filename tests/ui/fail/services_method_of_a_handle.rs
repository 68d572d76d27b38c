//! A method of a service is called on a handle to it.
//!
//! A handle may outlive its service: call `.get()?` first.

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
        println!("{}", db.size()); //~ ERROR
        Self { db }
    }

    fn on_start(&self) -> sprag::Result<()> {
        println!("{}", self.db.size()); //~ ERROR
        Ok(())
    }
}

app! { pub Shop { Mailer, Db } }

pub fn size(shop: &Shop) -> usize {
    shop.handle::<Db>().size() //~ ERROR
}

fn main() {}
