use sprag::prelude::*;

pub trait Outbox: Send + Sync {}

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_outbox: Handle<dyn Outbox>) -> Self {
        Self
    }
}

fn main() {}
