use sprag::prelude::*;

pub struct MailCfg;

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_config: Config<MailCfg>) -> Self {
        Self
    }
}

app! { pub Shop(MailCfg) { Mailer } }

fn main() {}
