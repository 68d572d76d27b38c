use sprag::prelude::*;

use std::sync::Arc;

pub trait Clock: Send + Sync {}

pub struct Db;

#[service]
impl Db {
    fn new(_: Config<Arc<dyn Clock>>) -> Self {
        Self
    }
}

fn main() {}
