//! Every wrong hook is reported in one run, at the token that is wrong.

use sprag::prelude::*;

#[derive(Event)]
#[event("moved")]
pub struct Moved;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    fn on_strat(&self) {}

    fn on_stop(&mut self) {}

    #[lisen]
    fn a(&self, _event: &Moved) {}

    #[listen]
    fn b(&self, _event: Moved) {}

    #[listen]
    fn c(&self) {}

    #[listen]
    fn d(&self, _event: &Moved, _more: u8) {}

    #[interval("60")]
    async fn e(&self) {}

    #[interval("0s")]
    async fn f(&self) {}

    #[interval]
    async fn g(&self) {}

    #[task]
    fn h(&self) {}

    #[task("name")]
    async fn i(&self) {}

    #[health]
    fn j(&self) {}

    #[health]
    fn k() -> Health {
        Health::Healthy
    }

    #[task]
    #[interval("1s")]
    async fn l(&self) {}

    #[task]
    async fn m(&self, _scope: Scope) {}
}

app! { pub Shop { Db } }

fn main() {}
