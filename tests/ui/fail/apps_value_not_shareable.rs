//! The services of an app cannot share its value.
//!
//! Use types that are `Send` and `Sync`, such as an `Arc`.

use sprag::prelude::*;

use std::rc::Rc;
use std::sync::Arc;

pub struct MailCfg {
    pub from: Rc<str>,
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

app! { pub Shop(MailCfg) { Mailer } } //~ ERROR

fn main() {}
