use sprag::prelude::*;

#[derive(Model)]
pub struct Folder {
    pub parent: Option<Box<Folder>>,
}

fn main() {}
