use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[task]
    async fn follow(&self, _scope: &Scope) {}
}

app! { pub Shop { Db } }

fn main() {}
