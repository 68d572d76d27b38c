//! Hooks are wrong: each is reported in one run.
//!
//! Write each as its message says.

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

    fn on_strat(&self) {} //~ ERROR

    fn on_stop(&mut self) {} //~ ERROR

    #[lisen] //~ ERROR
    fn a(&self, _event: &Moved) {}

    #[listen]
    fn b(&self, _event: Moved) {} //~ ERROR

    #[listen]
    fn c(&self) {} //~ ERROR

    #[listen]
    fn d(&self, _event: &Moved, _more: u8) {} //~ ERROR

    #[interval("60")] //~ ERROR
    async fn e(&self) {}

    #[interval("0s")] //~ ERROR
    async fn f(&self) {}

    #[interval] //~ ERROR
    async fn g(&self) {}

    #[task]
    fn h(&self) {} //~ ERROR

    #[task("name")] //~ ERROR
    async fn i(&self) {}

    #[health]
    fn j(&self) {} //~ ERROR

    #[health]
    fn k() -> Health { //~ ERROR
        Health::Healthy
    }

    #[task]
    #[interval("1s")] //~ ERROR
    async fn l(&self) {}

    #[task]
    async fn m(&self, _scope: Scope) {} //~ ERROR
}

app! { pub Shop { Db } }

fn main() {}
