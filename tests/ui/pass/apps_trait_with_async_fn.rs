use sprag::prelude::*;

use std::pin::Pin;

pub trait Storage: Send + Sync {
    fn size(&self) -> Size;
}

pub struct Db;

impl Storage for Db {
    fn size(&self) -> Size {
        Box::pin(async { 0 })
    }
}

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db as dyn Storage } }

pub type Size = Pin<Box<dyn Future<Output = usize> + Send>>;

fn main() {}
