//! A written value cannot be compared, and only a change notifies subscribers.
//!
//! Derive `PartialEq`.

use sprag::prelude::*;

#[derive(Model, Clone, Default)]
struct Tv {
    playback: Playback,
}

#[derive(Model, Clone, Default)]
struct Playback {
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    tv.set(Tv::PATHS.playback, Playback { position: 3 }); //~ ERROR
}
