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
    let _handle = shop.handle::<Db>();
}

fn main() {}
