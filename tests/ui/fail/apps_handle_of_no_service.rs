//! A service asks for a `Handle` of what is no service.
//!
//! Take it some other way, or put `#[service]` on its block and list it.

use sprag::prelude::*;

pub struct Clock;

impl Clock {
    pub fn new() -> Self {
        Self
    }
}

pub struct Library;

#[service]
impl Library {
    fn new(_clock: Handle<Clock>) -> Self {
        Self
    }
}

app! { pub Hub { Library } } //~ ERROR

fn main() {}
