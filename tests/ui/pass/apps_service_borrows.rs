use std::sync::Arc;

use sprag::prelude::*;

pub struct Library<T> {
    pub names: Vec<Arc<T>>,
}

#[service]
impl<T> Library<T> {
    fn new(_bus: Bus) -> Self {
        Self { names: Vec::new() }
    }
}

app! { pub Shop { Library<u8> } }

fn main() {}
