//! An app lists a service that borrows.
//!
//! Hold owned data or an `Arc`, and list the service without a lifetime.

use sprag::prelude::*;

pub struct Library<'a, T> {
    pub names: Vec<&'a T>,
}

#[service]
impl<'a, T> Library<'a, T> { //~ ERROR
    fn new(_bus: Bus) -> Self {
        Self { names: Vec::new() }
    }
}

app! { pub Shop { Library<u8> } }

fn main() {}
