//! Hooks have parameters that sprag does not pass to them.
//!
//! Take them in `new` and keep them in fields; a hook takes `&Scope` beside its event or job.

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

    fn on_start(&self, _clock: Handle<Clock>) {} //~ ERROR

    async fn on_stop(&self, _bus: &Bus) {} //~ ERROR

    fn on_stopped(&self, _scope: &mut Scope) {} //~ ERROR

    #[task]
    async fn a(&self, _scope: &Scope, _other: &Scope) {} //~ ERROR

    #[task]
    async fn b(&self, _event: &Moved) {} //~ ERROR

    #[interval("1s")]
    async fn c(&self, _count: u64) {} //~ ERROR

    #[listen]
    fn d(&self, _event: &mut Moved) {} //~ ERROR

    #[listen]
    fn e<'a>(&'a self, _event: &'a Moved) {} //~ ERROR

    #[listen]
    fn f<E: Event>(&self, _event: &E) {} //~ ERROR

    #[on_start] //~ ERROR
    fn begin(&self) {}
}

app! { pub Shop { Db, Clock } }

fn main() {}
