//! A job is enqueued for a service that has no worker for it.
//!
//! Add a `#[worker]` that takes the job, or enqueue it for the service that has one.

use sprag::prelude::*;

pub struct Resize;
pub struct Rotate;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(4)]
    async fn resize(&self, _job: Resize) {}
}

async fn enqueue(db: Handle<Db>) -> sprag::Result<()> {
    db.queue::<Rotate>().send(Rotate).await?; //~ ERROR
    Ok(())
}

fn main() {
    let _ = enqueue;
}
