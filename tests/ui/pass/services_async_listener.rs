use sprag::prelude::*;

#[derive(Event, Clone)]
pub struct Moved;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }

    #[listen]
    async fn moved(&self, _event: &Moved) {}
}

fn main() {}
