//! `#[service]` is on the `impl` of a trait.
//!
//! Move it to the type's own block.

use sprag::prelude::*;

pub trait Shelf {
    fn new() -> Self;
}

pub struct Library;

#[service]
impl Shelf for Library { //~ ERROR
    fn new() -> Self {
        Self
    }
}

fn main() {}
