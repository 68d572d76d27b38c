use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    position: u64,
    #[serde(flatten)]
    playback: Playback,
}

#[derive(Model, Serialize)]
struct Playback {
    offset: u64,
}

fn main() {
    let _ = (Tv::PATHS.position, Tv::PATHS.playback.offset);
}
