//! A service has no `new`.
//!
//! Write one in the same block.

use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer { //~ ERROR
    pub fn make() -> Self {
        Self
    }
}

app! { pub Shop { Mailer } }

fn main() {}
