use sprag::prelude::*;

pub struct Disks {
    free: Store<u64>,
}

#[service]
impl Disks {
    fn new() -> Self {
        Self { free: create_store("free", 0) }
    }

    #[watch(poll = "5s", call = changed)]
    fn a(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = changed)]
    fn b(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = changed)]
    fn c(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = changed)]
    fn d(&self) -> u64 { 1 }

    #[watch(poll = "5s", into = free)]
    fn e(&self) -> u64 { 1 }

    fn changed(&self, _now: &u64) {}
}

app! { pub Shop { Disks } }

fn main() {}
