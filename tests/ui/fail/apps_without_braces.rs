//! An app has no list of services.
//!
//! Write it in braces.

use sprag::prelude::*;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! { pub Hub(Library) } //~ ERROR

pub fn name(hub: &Hub) -> &str {
    hub.name()
}

fn main() {}
