use sprag::prelude::*;

pub struct Disks;

#[service]
impl Disks {
    fn new() -> Self {
        Self
    }

    #[watch(poll = "5s", call = changed)]
    fn space(&self) -> u64 { 1 }

    fn changed(&self, _now: &u64) {}
}

app! { pub Shop { Disks } }

fn main() {}
