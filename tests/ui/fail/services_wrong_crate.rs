//! `crate = …` of a service names no crate; a renamed sprag without it is the same error about `sprag`.
//!
//! Name sprag as your `Cargo.toml` does.

use sprag::prelude::*;

pub struct Library;

#[service(crate = spring)] //~ ERROR
impl Library {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) {}
}

fn main() {}
