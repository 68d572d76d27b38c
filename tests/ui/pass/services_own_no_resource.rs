use sprag::prelude::*;

pub struct Player {
    pub playback: Store<u64>,
    pub volume: u8,
}

#[service(own(playback))]
impl Player {
    fn new() -> Self {
        Self { playback: create_store("playback", 0), volume: 3 }
    }
}

fn main() {}
