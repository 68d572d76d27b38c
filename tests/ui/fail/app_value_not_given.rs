//! S3: a service needs a value that the app is not given.

use sprag::prelude::*;

pub struct MailCfg;

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_config: Config<MailCfg>) -> Self {
        Self
    }
}

app! { pub Shop { Mailer } }

fn main() {}
