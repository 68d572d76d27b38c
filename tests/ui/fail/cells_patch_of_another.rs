//! A patch of one type is written to a model of another.
//!
//! Take the model's own patch, or `patch_at` the place.

use std::collections::HashMap;

use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tv {
    playback: Playback,
    casting: bool,
    tags: Vec<String>,
    channels: HashMap<u32, String>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Playback {
    url: Option<String>,
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    tv.patch(PlaybackPatch::new().position(3)); //~ ERROR
}
