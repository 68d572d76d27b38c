use sprag::prelude::*;

#[derive(Event)]
pub struct Moved;

pub struct Mailer;

#[service]
impl Mailer {
    fn new() -> Self {
        Self
    }

    #[listen]
    fn moved(&self, _event: &Moved) {}
}

fn main() {}
