//! Options of a listener are wrong.
//!
//! `queue` and `when_full` are for an async listener.

use sprag::prelude::*;

#[derive(Event, Clone)]
#[event("moved")]
pub struct Moved;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[listen(queue = 10)] //~ ERROR
    fn a(&self, _event: &Moved) {}

    #[listen(when_full = wait)] //~ ERROR
    async fn b(&self, _event: &Moved) {}

    #[listen(queue = 10, when_full = drop_newest)] //~ ERROR
    async fn c(&self, _event: &Moved) {}

    #[listen(queue = 0)] //~ ERROR
    async fn d(&self, _event: &Moved) {}

    #[listen(queu = 10)] //~ ERROR
    async fn e(&self, _event: &Moved) {}

    #[listen(queue = 10, queue = 20)] //~ ERROR
    async fn f(&self, _event: &Moved) {}
}

app! { pub Shop { Db } }

fn main() {}
