//! S2: a service has a `new`.

use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    pub fn make() -> Self {
        Self
    }
}

app! { pub Shop { Mailer } }

fn main() {}
