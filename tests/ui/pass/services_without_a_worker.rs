use sprag::prelude::*;

pub struct Resize;

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
    db.queue::<Resize>().send(Resize).await?;
    Ok(())
}

fn main() {
    let _ = enqueue;
}
