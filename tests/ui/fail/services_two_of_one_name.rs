//! A service has two hooks of one name.
//!
//! Put both into one method.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) {}

    async fn on_start(&self) {} //~ ERROR
}

app! { pub Shop { Db } }

fn main() {}
