//! An app is started without its value.
//!
//! Pass the value.

use sprag::prelude::*;

pub struct Settings;

pub struct Library;

#[service]
impl Library {
    fn new(_settings: Config<Settings>) -> Self {
        Self
    }
}

app! { pub Hub(Settings) { Library } }

pub async fn run() -> sprag::Result<()> {
    let _hub = Hub::start().await?; //~ ERROR
    Ok(())
}

fn main() {}
