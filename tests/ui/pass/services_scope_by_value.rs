use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[task]
    async fn follow(&self, scope: &Scope) {
        scope.cancelled().await;
    }
}

app! { pub Shop { Db } }

fn main() {}
