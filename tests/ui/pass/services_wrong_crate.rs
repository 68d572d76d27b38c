use sprag::prelude::*;

pub struct Library;

#[service(crate = sprag)]
impl Library {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) {}
}

fn main() {}
