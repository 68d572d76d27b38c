//! An entry is inserted by key into a sequence.
//!
//! Call `push`.

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
    tv.insert(Tv::PATHS.tags, 0, String::new()); //~ ERROR
}
