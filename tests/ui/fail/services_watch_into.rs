//! A watch writes into a field that is not a store or a model.
//!
//! Name a `Store` or a `Model`, or a method with `call`.

use sprag::prelude::*;

pub struct Disks {
    free: u64,
}

#[service]
impl Disks {
    fn new() -> Self {
        Self { free: 0 }
    }

    #[watch(poll = "5s", into = free)] //~ ERROR
    fn space(&self) -> u64 { 1 }
}

app! { pub Shop { Disks } }

fn main() {
    let _ = Disks { free: 0 }.free;
}
