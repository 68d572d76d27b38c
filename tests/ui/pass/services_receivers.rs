use std::sync::Arc;

use sprag::prelude::*;

#[derive(Event)]
pub struct Moved;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) {}

    fn on_stop(&self) {}

    #[listen]
    fn a(&self, _event: &Moved) {}

    #[listen]
    fn b(&self, _event: &Moved) {}

    #[task]
    async fn c(&self) {}

    #[interval("1s")]
    async fn d(&self) {}

    #[worker(1)]
    async fn e(&self, _job: u8) {}

    #[watch(poll = "1s", call = changed)]
    fn f(&self) -> u8 { 1 }

    #[watch(poll = "1s", call = mutated)]
    fn g(&self) -> u8 { 1 }

    #[watch(poll = "1s", call = alone)]
    fn h(&self) -> u8 { 1 }

    fn changed(&self, _now: &u8) {}

    fn mutated(&self, _now: &u8) {}

    fn alone(&self, _now: &u8) {}
}

app! { pub Shop { Db } }

fn main() {
    let _ = Arc::new(0);
}
