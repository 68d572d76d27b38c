use sprag::prelude::*;

#[derive(Event)]
pub struct Moved;

pub struct Library;

#[service]
impl Library {
    pub fn new() -> Self {
        Self
    }

    #[listen]
    pub fn moved(&self, _event: &Moved) {}
}

fn main() {}
