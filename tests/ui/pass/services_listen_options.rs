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

    #[listen]
    fn a(&self, _event: &Moved) {}

    #[listen(queue = 10, when_full = wait)]
    async fn b(&self, _event: &Moved) {}

    #[listen(queue = 10, when_full = drop_oldest)]
    async fn c(&self, _event: &Moved) {}

    #[listen(queue = 1)]
    async fn d(&self, _event: &Moved) {}

    #[listen(queue = 10)]
    async fn e(&self, _event: &Moved) {}

    #[listen(queue = 10)]
    async fn f(&self, _event: &Moved) {}
}

app! { pub Shop { Db } }

fn main() {}
