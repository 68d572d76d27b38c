//! The period of an interval is a number, or a field of another type.
//!
//! Write a duration, or name a field or constant of type `Duration`.

use sprag::prelude::*;

pub struct Db {
    period: u64,
}

#[service]
impl Db {
    fn new() -> Self {
        Self { period: 60 }
    }

    #[interval(self.period)] //~ ERROR
    async fn sync(&self) {}
}

app! { pub Shop { Db } }

fn main() {}
