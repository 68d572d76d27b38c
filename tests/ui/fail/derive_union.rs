//! A union cannot be a model.
//!
//! Use an enum.

use sprag::prelude::*;

#[derive(Model)]
union Bits { //~ ERROR
    int: u32,
    float: f32,
}

#[derive(Model)]
struct Register {
    bits: Bits,
}

fn main() {
    let _ = (Bits::PATHS, Register::PATHS.bits);
}
