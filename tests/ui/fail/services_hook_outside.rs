//! A hook's attribute is in a block without `#[service]`.
//!
//! Put `#[service]` on the block.

use sprag::prelude::*;

#[derive(Event)]
pub struct Moved;

pub struct Library;

impl Library {
    pub fn new() -> Self {
        Self
    }

    #[listen] //~ ERROR
    pub fn moved(&self, _event: &Moved) {}
}

fn main() {}
