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
    async fn new() -> Self {
        Self { pool: Pool::open().await }
    }

    async fn on_start(&self) {
        drop(Pool::open().await);
    }

    #[listen]
    async fn moved(&self, _event: &Moved) {
        drop(Pool::open().await);
    }
}

pub struct B {
    pub pool: Pool,
}

#[service]
impl B {
    async fn new() -> Self {
        Self { pool: Pool::open().await }
    }
}

fn main() {}
