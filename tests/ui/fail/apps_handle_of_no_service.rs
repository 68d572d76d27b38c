//! A service takes a `Handle` of a type that is not a service.
//!
//! Pass the value in another way, or put `#[service]` on its `impl` block and list it.

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
