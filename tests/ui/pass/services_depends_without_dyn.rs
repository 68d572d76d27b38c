use sprag::prelude::*;

pub trait Outbox: Send + Sync {}

pub struct Memory;

impl Outbox for Memory {}

#[service]
impl Memory {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer;

#[service(depends_on(dyn Outbox))]
impl Mailer {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Mailer, Memory as dyn Outbox } }

fn main() {}
