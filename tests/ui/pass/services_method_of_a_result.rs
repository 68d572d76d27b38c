use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    pub fn size(&self) -> usize {
        0
    }
}

pub fn size(db: &Handle<Db>) -> sprag::Result<usize> {
    Ok(db.get()?.size())
}

fn main() {}
