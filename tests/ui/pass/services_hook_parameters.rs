use sprag::prelude::*;

#[derive(Event)]
pub struct Moved;

pub struct Clock;

#[service]
impl Clock {
    fn new() -> Self {
        Self
    }
}

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) {}

    async fn on_stop(&self) {}

    fn on_stopped(&self, _scope: &Scope) {}

    #[task]
    async fn a(&self, _scope: &Scope) {}

    #[task]
    async fn b(&self) {}

    #[interval("1s")]
    async fn c(&self) {}

    #[listen]
    fn d(&self, _event: &Moved) {}

    #[listen]
    fn e(&self, _event: &Moved) {}

    #[listen]
    fn f(&self, _event: &Moved) {}

    fn begin(&self) {}
}

app! { pub Shop { Db, Clock } }

fn main() {}
