//! A listener takes a type that is not an event.
//!
//! Derive `Event` for it.

use sprag::prelude::*;


pub struct Moved;

pub struct Mailer;

#[service]
impl Mailer {
    fn new() -> Self {
        Self
    }

    #[listen]
    fn moved(&self, _event: &Moved) {} //~ ERROR
}

fn main() {}
