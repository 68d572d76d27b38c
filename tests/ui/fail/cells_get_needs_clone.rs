//! The value at a place is not `Clone`, and `get` returns a clone.
//!
//! Derive it, or use `read`.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    playback: Playback,
}

impl Clone for Tv {
    fn clone(&self) -> Self {
        Self { playback: Playback { position: self.playback.position } }
    }
}

#[derive(Model)]
struct Playback {
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv { playback: Playback { position: 0 } });
    let _playback = tv.get(Tv::PATHS.playback); //~ ERROR
}
