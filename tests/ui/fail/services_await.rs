//! `.await` is in a function that is not async, or left out.
//!
//! Write `async fn`; `new`, the hooks and listeners may be async.

use sprag::prelude::*;

#[derive(Event, Clone)]
pub struct Moved;

pub struct Pool;

impl Pool {
    async fn open() -> Self {
        Self
    }
}

pub struct A {
    pub pool: Pool,
}

#[service]
impl A {
    fn new() -> Self {
        Self { pool: Pool::open().await } //~ ERROR
    }

    fn on_start(&self) {
        drop(Pool::open().await); //~ ERROR
    }

    #[listen]
    fn moved(&self, _event: &Moved) {
        drop(Pool::open().await); //~ ERROR
    }
}

pub struct B {
    pub pool: Pool,
}

#[service]
impl B {
    fn new() -> Self {
        Self { pool: Pool::open() } //~ ERROR
    }
}

fn main() {}
