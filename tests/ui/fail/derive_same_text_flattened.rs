//! A flattened field brings a name that exists already.
//!
//! Rename one of the two, or do not flatten the field.

use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    position: u64,
    #[serde(flatten)]
    playback: Playback, //~ ERROR
}

#[derive(Model, Serialize)]
struct Playback {
    position: u64,
}

fn main() {
    let _ = (Tv::PATHS.position, Tv::PATHS.playback.position);
}
