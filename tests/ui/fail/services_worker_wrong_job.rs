//! A job of another type is sent to a queue.
//!
//! Send the job that the worker takes.

use sprag::prelude::*;

pub struct Resize(pub u32);

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
    db.queue().send(300).await?; //~ ERROR
    Ok(())
}

fn main() {
    let _ = enqueue;
}
