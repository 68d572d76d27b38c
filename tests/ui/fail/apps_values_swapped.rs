//! The values of an app are passed in another order.
//!
//! Pass them in the order of `app!`.

use sprag::prelude::*;

pub struct Main;
pub struct Backup;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop(Main, Backup) { Db } }

pub async fn run() -> sprag::Result<()> {
    let _shop = Shop::start(Backup, Main).await?; //~ ERROR
    Ok(())
}

fn main() {}
