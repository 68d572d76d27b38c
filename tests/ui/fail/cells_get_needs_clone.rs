//! The value at a place is not `Clone`, and `get` gives a clone.
//!
//! Derive it, or look with `read`.

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
