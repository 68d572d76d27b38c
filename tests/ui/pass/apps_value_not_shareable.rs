use sprag::prelude::*;

use std::sync::Arc;

pub struct MailCfg {
    pub from: Arc<str>,
    pub host: Arc<str>,
}

pub struct Mailer {
    config: Config<MailCfg>,
}

#[service]
impl Mailer {
    fn new(config: Config<MailCfg>) -> Self {
        Self { config }
    }

    fn on_start(&self) {
        println!("{} at {}", self.config.from, self.config.host);
    }
}

app! { pub Shop(MailCfg) { Mailer } }

fn main() {}
