//! A job is enqueued for a service without any worker.
//!
//! Add a `#[worker]` that takes the job.

use sprag::prelude::*;

pub struct Resize;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

async fn enqueue(db: Handle<Db>) -> sprag::Result<()> {
    db.queue::<Resize>().send(Resize).await?; //~ ERROR
    Ok(())
}

fn main() {
    let _ = enqueue;
}
