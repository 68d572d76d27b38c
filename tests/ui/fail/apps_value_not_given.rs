//! A service needs a value that the app does not have.
//!
//! List the value in the parentheses of `app!`.

use sprag::prelude::*;

pub struct MailCfg;

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_config: Config<MailCfg>) -> Self {
        Self
    }
}

app! { pub Shop { Mailer } } //~ ERROR

fn main() {}
