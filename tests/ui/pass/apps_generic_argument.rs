use std::sync::Arc;

use sprag::prelude::*;

pub struct Db<T> {
    pub value: T,
}

#[service]
impl<T: Default> Db<T> {
    fn new() -> Self {
        Self { value: T::default() }
    }
}

app! { pub Shop { Db<Arc<u8>> } }

fn main() {}
