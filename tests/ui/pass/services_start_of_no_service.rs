use sprag::prelude::*;
use sprag::{Result, start_with};

struct Player;

#[service]
impl Player {
    fn new() -> Self {
        Self
    }
}

async fn run() -> Result<()> {
    let player = start_with(Scope::new("player"), Player::new()).await?;
    let _ = player.get()?;
    assert!(player.stop().await.is_clean());
    Ok(())
}

fn main() {
    let _ = run();
}
