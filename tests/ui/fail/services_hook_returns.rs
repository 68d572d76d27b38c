//! A hook returns a value that sprag does not use.
//!
//! Return nothing, or a `Result` of nothing.

use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    fn new() -> Self {
        Self
    }

    async fn on_start(&self) -> u8 { //~ ERROR
        3
    }
}

fn main() {}
