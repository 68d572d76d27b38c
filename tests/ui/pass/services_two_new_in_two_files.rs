use sprag::prelude::*;

mod hooks_of_db;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db } }

fn main() {
    hooks_of_db::check(&Db);
}
