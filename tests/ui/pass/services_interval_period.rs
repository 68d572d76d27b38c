use std::time::Duration;
use sprag::prelude::*;

pub struct Db {
    period: Duration,
}

#[service]
impl Db {
    fn new() -> Self {
        Self { period: Duration::from_secs(60) }
    }

    #[interval(self.period)]
    async fn sync(&self) {}
}

app! { pub Shop { Db } }

fn main() {}
