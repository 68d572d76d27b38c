use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    pub fn new() -> Self {
        Self
    }
}

app! { pub Shop { Mailer } }

fn main() {}
