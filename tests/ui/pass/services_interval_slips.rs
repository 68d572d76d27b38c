use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[interval("60s")]
    async fn a(&self) {}

    #[interval("60s")]
    async fn b(&self) {}

    #[interval("60s")]
    async fn c(&self) {}

    #[interval("1s 500ms")]
    async fn d(&self) {}

    #[interval("1s")]
    async fn e(&self) {}

    #[interval("1h")]
    async fn f(&self) {}

    #[interval("60s")]
    async fn g(&self) {}

    #[interval("60s")]
    async fn h(&self) {}
}

app! { pub Shop { Db } }

fn main() {}
