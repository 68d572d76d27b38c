//! `own` names a field that does not exist.
//!
//! Use the name of a field.

use sprag::prelude::*;

pub struct Player {
    playback: Store<u64>,
}

#[service(own(playbak))] //~ ERROR
impl Player {
    fn new() -> Self {
        Self { playback: create_store("playback", 0) }
    }

    pub fn position(&self) -> u64 {
        *self.playback.get()
    }
}

fn main() {}
