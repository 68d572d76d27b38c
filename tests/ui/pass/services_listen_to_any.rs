use sprag::prelude::*;

#[derive(Event)]
pub struct Moved;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[listen]
    fn moved(&self, _event: &Moved) {}
}

app! { pub Shop { Db } }

fn main() {}
