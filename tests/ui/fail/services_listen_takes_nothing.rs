//! `#[listen]` has the event's type as an argument.
//!
//! Write the type as the method's parameter.

use sprag::prelude::*;

#[derive(Event)]
pub struct Moved;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }

    #[listen(Moved)] //~ ERROR
    fn moved(&self) {}
}

fn main() {}
