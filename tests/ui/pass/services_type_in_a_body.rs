use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    async fn on_start(&self) {
        let _size: u8 = 3;
    }
}

app! { pub Shop { Db } }

fn main() {}
