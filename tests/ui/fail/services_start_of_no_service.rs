//! `start_with` is called for a type that is not a service.
//!
//! Put `#[service]` on its `impl` block.

use sprag::prelude::*;
use sprag::{Result, start_with};

struct Player;

impl Player {
    fn new() -> Self {
        Self
    }
}

async fn run() -> Result<()> {
    let player = start_with(Scope::new("player"), Player::new()).await?; //~ ERROR
    let _ = player.get()?;
    assert!(player.stop().await.is_clean());
    Ok(())
}

fn main() {
    let _ = run();
}
