use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

#[cfg(any())]
pub struct Mailer;

app! { pub Shop { Db, #[cfg(any())] Mailer } }

fn main() {}
