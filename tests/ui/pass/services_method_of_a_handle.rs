use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    pub fn size(&self) -> usize {
        0
    }
}

pub struct Mailer {
    db: Handle<Db>,
}

#[service]
impl Mailer {
    fn new(db: Handle<Db>) -> Self {
        println!("{:?}", db.get().map(|db| db.size()));
        Self { db }
    }

    fn on_start(&self) -> sprag::Result<()> {
        println!("{}", self.db.get()?.size());
        Ok(())
    }
}

app! { pub Shop { Mailer, Db } }

pub fn size(shop: &Shop) -> usize {
    shop.handle::<Db>().get().map_or(0, |db| db.size())
}

fn main() {}
