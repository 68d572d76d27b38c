use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_bus: Bus, _scope: &Scope, _sender: Config<String>) -> Self {
        Self
    }
}

app! { pub Shop(String) { Mailer } }

fn main() {}
