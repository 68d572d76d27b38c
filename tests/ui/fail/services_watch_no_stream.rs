//! A watch without `poll` returns a value instead of a stream.
//!
//! Write `poll`, or return a `Stream`.

use sprag::prelude::*;

pub struct Disks {
    free: Store<u64>,
}

#[service]
impl Disks {
    fn new() -> Self {
        Self { free: create_store("free", 0) }
    }

    #[watch(into = free)]
    fn space(&self) -> u64 { 1 } //~ ERROR
}

app! { pub Shop { Disks } }

fn main() {}
