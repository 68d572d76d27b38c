use std::sync::Arc;

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(4)]
    async fn a(&self, _job: Arc<u8>) {}

    #[worker(4)]
    async fn b(&self, _job: u8) -> Arc<u8> {
        Arc::new(1)
    }
}

app! { pub Shop { Db } }

fn main() {}
