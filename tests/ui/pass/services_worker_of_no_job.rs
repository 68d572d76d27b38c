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

    #[worker(4)]
    async fn rotate(&self, _job: Rotate) {}
}

async fn enqueue(db: Handle<Db>) -> sprag::Result<()> {
    db.queue::<Rotate>().send(Rotate).await?;
    Ok(())
}

fn main() {
    let _ = enqueue;
}
