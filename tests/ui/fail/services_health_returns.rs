//! A health hook does not return a health.
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
