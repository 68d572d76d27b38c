//! The number, the options or the job of a worker are written as in other frameworks.
//!
//! Write the number first, each option by its name, and an owned job of one type.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(4, 8)] //~ ERROR
    async fn a(&self, _job: u8) {}

    #[worker("4")] //~ ERROR
    async fn b(&self, _job: u16) {}

    #[worker(-1)] //~ ERROR
    async fn c(&self, _job: u32) {}

    #[worker(4)]
    async fn d(&self, _job: &'static str) {} //~ ERROR

    #[worker(4)]
    async fn e(&self, _job: &[u8]) {} //~ ERROR

    #[worker(4)]
    async fn f(&self, _job: impl Send) {} //~ ERROR

    #[worker(4)]
    async fn g<J: Send>(&self, _job: J) {} //~ ERROR
}

app! { pub Shop { Db } }

fn main() {}
