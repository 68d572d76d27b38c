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

app! { pub B { Db as dyn Storage } }

app! { pub C { Db as dyn Storage } }

app! { pub D { Db, } }

app! { pub E { Db } }

app! { pub F(u8) { Db } }

app! { pub G { Db } }

app! { pub H { Db } }

app! { pub I {} }

fn main() {}
