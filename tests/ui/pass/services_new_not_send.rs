use std::sync::Arc;

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    async fn new() -> Self {
        let name: Arc<str> = "db".into();
        std::future::ready(()).await;
        println!("{name}");
        Self
    }
}

fn main() {}
