use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    fn new() -> Self {
        Self
    }

    async fn on_start(&self) -> Result<(), std::fmt::Error> {
        Ok(())
    }
}

fn main() {}
