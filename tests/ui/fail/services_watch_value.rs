//! A watch polls a type that cannot be compared.
//!
//! Derive `PartialEq`.

use sprag::prelude::*;

pub struct Space(pub u64);

pub struct Disks;

#[service]
impl Disks {
    fn new() -> Self {
        Self
    }

    #[watch(poll = "5s", call = changed)]
    fn space(&self) -> Space { //~ ERROR
        Space(1)
    }

    fn changed(&self, _now: &Space) {}
}

app! { pub Shop { Disks } }

fn main() {}
