//! The error of a `Result` cannot be boxed as an error.
//!
//! Use `sprag::Result`, or implement `std::error::Error`.

use sprag::prelude::*;

pub struct Library;

pub struct Broken;

#[service]
impl Library {
    fn new() -> Result<Self, Broken> { //~ ERROR
        Ok(Self)
    }
}

fn main() {}
