use sprag::prelude::*;

pub struct Mailer;

#[service]
impl Mailer {
    #[allow(clippy::unnecessary_wraps)]
    async fn new() -> Result<Self, String> {
        Err("no mail today".into())
    }
}

fn main() {}
