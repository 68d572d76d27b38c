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
    let _shop = Shop::start().await?;
    Ok(())
}

fn main() {}
