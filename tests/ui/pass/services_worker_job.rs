use sprag::prelude::*;

pub struct A;
pub struct B;
pub struct C;
pub struct D;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(4)]
    async fn a(&self, _job: A) {}

    #[worker(4)]
    async fn b(&self, _job: B) {}

    #[worker(4)]
    async fn c(&self, _job: (C, A)) {}

    #[worker(4)]
    async fn d(&self, _job: D) -> u32 { 0 }
}

app! { pub Shop { Db } }

fn main() {}
