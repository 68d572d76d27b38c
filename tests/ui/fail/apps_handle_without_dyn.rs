//! A handle to a trait is written without `dyn`.
//!
//! Write `Handle<dyn Outbox>`.

use sprag::prelude::*;

pub trait Outbox: Send + Sync {}

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_outbox: Handle<Outbox>) -> Self { //~ ERROR
        Self
    }
}

fn main() {}
