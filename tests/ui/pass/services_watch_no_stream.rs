use sprag::prelude::*;

pub struct Disks {
    free: Store<u64>,
}

#[service]
impl Disks {
    fn new() -> Self {
        Self { free: create_store("free", 0) }
    }

    #[watch(poll = "5s", into = free)]
    fn space(&self) -> u64 { 1 }
}

app! { pub Shop { Disks } }

fn main() {}
