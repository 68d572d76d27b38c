//! Options of a worker are wrong.
//!
//! A worker needs its number, and takes `queue`, `on_stop` and `on_failure` after it.

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

    #[worker] //~ ERROR
    async fn a(&self, _job: A) {}

    #[worker(queue = 10)] //~ ERROR
    async fn b(&self, _job: B) {}

    #[worker(0)] //~ ERROR
    async fn c(&self, _job: C) {}

    #[worker(4, queue = 0)] //~ ERROR
    async fn d(&self, _job: D) {}

    #[worker(4, on_stop = wait)] //~ ERROR
    async fn e(&self, _job: E) {}

    #[worker(4, queu = 10)] //~ ERROR
    async fn f(&self, _job: F) {}
}

app! { pub Shop { Db } }

fn main() {}
