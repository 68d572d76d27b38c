//! Code takes a handle of a service that is not in the app.
//!
//! List the service in `app!`.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Other;

app! { pub Shop { Db } }

pub fn ask(shop: &Shop) {
    let _handle = shop.handle::<Other>(); //~ ERROR
}

fn main() {}
