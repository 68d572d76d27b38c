use sprag::prelude::*;

pub trait Storage: Send + Sync {}

pub struct Db;

impl Storage for Db {}

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub A { Db } }
app! { pub B { Db } }
app! { pub C { Db as dyn Storage } }

fn main() {}
