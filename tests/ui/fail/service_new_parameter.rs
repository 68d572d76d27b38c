//! S2: `new` takes handles, values of the app, its bus and its scope.

use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    fn new(_bus: Bus, _scope: &Scope, _sender: String) -> Self {
        Self
    }
}

app! { pub Shop(String) { Mailer } }

fn main() {}
