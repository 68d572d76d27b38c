use sprag::prelude::*;

pub trait Shelf {
    fn new() -> Self;
}

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

fn main() {}
