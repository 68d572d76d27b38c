//! S2: `new` returns the service or a `Result` of it.

use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    #[allow(clippy::unnecessary_wraps)]
    async fn new() -> Option<Self> {
        None
    }
}

fn main() {}
