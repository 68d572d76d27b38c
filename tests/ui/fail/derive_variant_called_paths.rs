//! A variant is called `PATHS`, as the enum's paths are.
//!
//! Rename it.

use sprag::prelude::*;

#[derive(Model)]
enum Shown {
    PATHS(u8), //~ ERROR
    Nothing,
}

fn main() {
    let _ = (Shown::PATHS(1), Shown::Nothing);
}
