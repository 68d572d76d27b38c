//! `new` does not return the service.
//!
//! Return `Self`, or a `Result` of it.

use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    #[allow(clippy::unnecessary_wraps)]
    async fn new() -> Option<Self> { //~ ERROR
        None
    }
}

fn main() {}
