//! A service provides a trait with an `async fn`.
//!
//! Return a boxed future: such a trait can be a `dyn Trait`.

use sprag::prelude::*;

use std::pin::Pin;

pub trait Storage: Send + Sync {
    fn size(&self) -> impl Future<Output = usize> + Send;
}

pub struct Db;

impl Storage for Db {
    fn size(&self) -> impl Future<Output = usize> + Send {
        async { 0 }
    }
}

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db as dyn Storage } } //~ ERROR

pub type Size = Pin<Box<dyn Future<Output = usize> + Send>>;

fn main() {}
