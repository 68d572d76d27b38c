//! A health hook returns what is no health.
//!
//! Return `Health`, or a `Result` of it.

use sprag::prelude::*;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }

    #[health]
    fn health(&self) -> bool { //~ ERROR
        true
    }
}

fn main() {}
