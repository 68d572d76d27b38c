//! S1: a wrong field name is the compiler's own error, at the token.

use sprag::prelude::*;

pub struct Player {
    playback: Store<u64>,
}

#[service(own(playbak))]
impl Player {
    fn new() -> Self {
        Self { playback: create_store("playback", 0) }
    }

    pub fn position(&self) -> u64 {
        *self.playback.get()
    }
}

fn main() {}
