use sprag::prelude::*;

#[derive(Event)]
pub struct Moved;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }

    #[listen]
    fn moved(&self, _event: &Moved) {}
}

fn main() {}
