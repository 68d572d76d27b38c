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

    fn changed(&self, _: &u64) {}
}

fn main() {}
