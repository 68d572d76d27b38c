//! The method of a watch takes values of another type.
//!
//! Take the type that the watch returns.

use sprag::prelude::*;

pub struct Disks;

#[service]
impl Disks {
    fn new() -> Self {
        Self
    }

    #[watch(poll = "5s", call = changed)]
    fn space(&self) -> u64 { 1 }

    fn changed(&self, _now: &String) {} //~ ERROR
}

app! { pub Shop { Disks } }

fn main() {}
