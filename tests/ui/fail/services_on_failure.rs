//! Rules for a failure are wrong.
//!
//! Write `stop_app`, `report` or `restart(3, "10s")`.

use sprag::prelude::*;

pub struct Db;

#[service(restart = on_failure(3), on_failure = ignore)] //~ ERROR //~ ERROR
impl Db {
    fn new() -> Self {
        Self
    }

    #[task(on_failure = restart(3, "soon"))] //~ ERROR
    async fn a(&self) {}

    #[task(on_fail = report)] //~ ERROR
    async fn b(&self) {}
}

app! { pub Shop { Db } }

fn main() {}
