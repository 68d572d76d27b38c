//! Two workers of a service take the same job.
//!
//! Wrap one of the jobs in a type of its own.

use sprag::prelude::*;

pub struct Resize;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(4)]
    async fn small(&self, _job: Resize) {}

    #[worker(4)]
    async fn large(&self, _job: Resize) {} //~ ERROR
}

app! { pub Shop { Db } }

fn main() {}
