//! An async listener's event is not `Clone`, and the listener receives a clone.
//!
//! Derive `Clone` for the event.

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
    async fn moved(&self, _event: &Moved) {} //~ ERROR
}

fn main() {}
