//! Periods that are not written as a duration.
//!
//! Write a number with its unit, as text.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[interval(60)] //~ ERROR
    async fn a(&self) {}

    #[interval(60s)] //~ ERROR
    async fn b(&self) {}

    #[interval("60sec")] //~ ERROR
    async fn c(&self) {}

    #[interval("1.5s")] //~ ERROR
    async fn d(&self) {}

    #[interval("-1s")] //~ ERROR
    async fn e(&self) {}

    #[interval("")] //~ ERROR
    async fn f(&self) {}

    #[interval(every = "60s")] //~ ERROR
    async fn g(&self) {}

    #[interval("60s", "1s")] //~ ERROR
    async fn h(&self) {}
}

app! { pub Shop { Db } }

fn main() {}
