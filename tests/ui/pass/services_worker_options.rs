use sprag::prelude::*;

pub struct A;
pub struct B;
pub struct C;
pub struct D;
pub struct E;
pub struct F;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(1)]
    async fn a(&self, _job: A) {}

    #[worker(4, queue = 10)]
    async fn b(&self, _job: B) {}

    #[worker(1)]
    async fn c(&self, _job: C) {}

    #[worker(4, queue = 1)]
    async fn d(&self, _job: D) {}

    #[worker(4, on_stop = drain)]
    async fn e(&self, _job: E) {}

    #[worker(4, queue = 10)]
    async fn f(&self, _job: F) {}
}

app! { pub Shop { Db } }

fn main() {}
