//! The body of a hook has an error of its own.
//!
//! Correct the body; sprag adds no error.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    async fn on_start(&self) {
        let _size: u8 = "3"; //~ ERROR
    }
}

app! { pub Shop { Db } }

fn main() {}
