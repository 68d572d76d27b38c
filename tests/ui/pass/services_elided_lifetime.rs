use sprag::prelude::*;

pub struct Library<'a> {
    pub name: &'a str,
}

#[service]
impl Library<'static> {
    fn new() -> Self {
        Self { name: "library" }
    }
}

fn main() {}
