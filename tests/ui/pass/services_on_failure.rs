use sprag::prelude::*;

pub struct Db;

#[service(restart = on_failure(3, "10s"))]
impl Db {
    fn new() -> Self {
        Self
    }

    #[task(on_failure = restart(3, "10s"))]
    async fn a(&self) {}

    #[task(on_failure = report)]
    async fn b(&self) {}
}

app! { pub Shop { Db } }

fn main() {}
