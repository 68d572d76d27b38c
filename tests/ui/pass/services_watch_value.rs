use sprag::prelude::*;

#[derive(PartialEq)]
pub struct Space(pub u64);

pub struct Disks;

#[service]
impl Disks {
    fn new() -> Self {
        Self
    }

    #[watch(poll = "5s", call = changed)]
    fn space(&self) -> Space {
        Space(1)
    }

    fn changed(&self, _now: &Space) {}
}

app! { pub Shop { Disks } }

fn main() {}
