//! `own` names a field that cannot be released.
//!
//! Own stores, models, caches, subscriptions, or implement `Resource`.

use sprag::prelude::*;

pub struct Player {
    pub playback: Store<u64>,
    pub volume: u8,
}

#[service(own(volume))] //~ ERROR
impl Player {
    fn new() -> Self {
        Self { playback: create_store("playback", 0), volume: 3 }
    }
}

fn main() {}
