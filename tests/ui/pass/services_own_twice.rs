use sprag::prelude::*;

pub struct Player {
    playback: Store<u64>,
    volume: Store<u8>,
}

#[service(own(playback, volume))]
impl Player {
    fn new() -> Self {
        Self { playback: create_store("playback", 0), volume: create_store("volume", 5) }
    }

    pub fn position(&self) -> u64 {
        *self.playback.get()
    }
}

fn main() {}
