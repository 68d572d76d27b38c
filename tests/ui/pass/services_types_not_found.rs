use sprag::prelude::*;

pub struct DbConfig;
pub struct Pool;

#[service]
impl Pool {
    fn new() -> Self {
        Self
    }
}

#[derive(Event, Clone)]
pub struct Moved;

pub struct Resize;
pub struct Image;

#[derive(PartialEq)]
pub struct Space;

pub struct Db;

#[service]
impl Db {
    fn new(
        _: Config<DbConfig>,
        _: Option<Handle<Pool>>,
    ) -> Self {
        Self
    }

    #[listen]
    async fn moved(&self, _: &Moved) {}

    #[worker(1)]
    async fn resize(
        &self,
        _: Resize,
    ) -> Image {
        Image
    }

    #[watch(poll = "5s", call = changed)]
    fn space(&self) -> Space {
        Space
    }

    fn changed(&self, _: &Space) {}
}

fn main() {}
