use sprag::prelude::*;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }

    #[health]
    fn health(&self) -> Health {
        Health::Healthy
    }
}

fn main() {}
