//! `new` has a parameter that an app cannot provide.
//!
//! Take handles, `Config`, `Bus` and `&Scope`.

use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_bus: Bus, _scope: &Scope, _sender: String) -> Self { //~ ERROR
        Self
    }
}

app! { pub Shop(String) { Mailer } }

fn main() {}
