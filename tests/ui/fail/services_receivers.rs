//! Hooks take another receiver than `&self`, or none.
//!
//! Write `&self`; keep what changes in a `Store`, a `Mutex` or an atomic.

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

    fn on_start(self) {} //~ ERROR

    fn on_stop(self: Arc<Self>) {} //~ ERROR

    #[listen]
    fn a(&mut self, _event: &Moved) {} //~ ERROR

    #[listen]
    fn b(_event: &Moved) {} //~ ERROR

    #[task]
    async fn c(self: &Arc<Self>) {} //~ ERROR

    #[interval("1s")]
    async fn d(&mut self) {} //~ ERROR

    #[worker(1)]
    async fn e(&mut self, _job: u8) {} //~ ERROR

    #[watch(poll = "1s", call = changed)]
    fn f(&mut self) -> u8 { 1 } //~ ERROR

    #[watch(poll = "1s", call = mutated)]
    fn g(&self) -> u8 { 1 }

    #[watch(poll = "1s", call = alone)]
    fn h(&self) -> u8 { 1 }

    fn changed(&self, _now: &u8) {}

    fn mutated(&mut self, _now: &u8) {} //~ ERROR

    fn alone(_now: &u8) {} //~ ERROR
}

app! { pub Shop { Db } }

fn main() {
}
