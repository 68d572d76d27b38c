//! The options of a watch have no names, or values of another form.
//!
//! Write `poll = "5s"`, and `call = method` or `into = field` without `self`.

use sprag::prelude::*;

pub struct Disks {
    free: Store<u64>,
}

#[service]
impl Disks {
    fn new() -> Self {
        Self { free: create_store("free", 0) }
    }

    #[watch] //~ ERROR
    fn a(&self) -> u64 { 1 }

    #[watch("5s", call = changed)] //~ ERROR
    fn b(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = "changed")] //~ ERROR
    fn c(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = self.changed)] //~ ERROR
    fn d(&self) -> u64 { 1 }

    #[watch(poll = "5s", into = self.free)] //~ ERROR
    fn e(&self) -> u64 { 1 }

    fn changed(&self, _now: &u64) {}
}

app! { pub Shop { Disks } }

fn main() {}
