use sprag::prelude::*;

pub struct Resize;
pub struct ResizeLarge(pub Resize);

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(4)]
    async fn small(&self, _job: Resize) {}

    #[worker(4)]
    async fn large(&self, _job: ResizeLarge) {}
}

app! { pub Shop { Db } }

fn main() {}
