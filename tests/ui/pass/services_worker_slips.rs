use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(4, queue = 8)]
    async fn a(&self, _job: u8) {}

    #[worker(4)]
    async fn b(&self, _job: u16) {}

    #[worker(1)]
    async fn c(&self, _job: u32) {}

    #[worker(4)]
    async fn d(&self, _job: String) {}

    #[worker(4)]
    async fn e(&self, _job: Vec<u8>) {}

    #[worker(4)]
    async fn f(&self, _job: i8) {}

    #[worker(4)]
    async fn g(&self, _job: i16) {}
}

app! { pub Shop { Db } }

fn main() {}
