//! `.at(index)` is called on a path to something other than a sequence.
//!
//! Use `.key(key)` for a map.

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
    let _channel = tv.get(Tv::PATHS.channels.at(0)); //~ ERROR
}
