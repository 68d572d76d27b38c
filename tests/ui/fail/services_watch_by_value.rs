//! The receiver of a watch that polls takes its value by value.
//!
//! Take it by reference: the watch keeps it for the next comparison.

use sprag::prelude::*;

pub struct Storage;

#[service]
impl Storage {
    fn new() -> Self {
        Self
    }

    #[watch(poll = "5s", call = changed)]
    fn space(&self) -> u64 {
        1 << 40
    }

    fn changed(&self, _: u64) {} //~ ERROR
}

fn main() {}
