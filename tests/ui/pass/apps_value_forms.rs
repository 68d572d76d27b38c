use std::sync::Arc;

use sprag::prelude::*;

pub trait Clock: Send + Sync {}

pub struct Db;

#[service]
impl Db {
    fn new(_: Config<u16>) -> Self {
        Self
    }
}

app! { pub A(u16) { Db } }

app! { pub B(u16) { Db } }

app! { pub C(u16, &'static str) { Db } }

app! { pub D(u16, String) { Db } }

app! { pub E(u16, Vec<u8>) { Db } }

app! { pub F(u16, Arc<dyn Clock>) { Db } }

fn main() {}
