//! An app is started and dropped, which stops it.
//!
//! Keep it, or call `run_until`.

#![deny(unused_must_use)]

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db } }

pub async fn run() -> sprag::Result<()> {
    Shop::start().await?; //~ ERROR
    Ok(())
}

fn main() {}
