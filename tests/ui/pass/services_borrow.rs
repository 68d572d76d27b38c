use sprag::prelude::*;

pub struct Library {
    pub name: String,
}

#[service]
impl Library {
    fn new() -> Self {
        Self { name: "library".into() }
    }
}

fn main() {}
