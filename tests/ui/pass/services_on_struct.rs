use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    fn new() -> Self {
        Self
    }
}

fn main() {}
