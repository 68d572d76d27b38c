//! The value of a place that may be absent is used without a check.
//!
//! It is an `Option`.

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
    let url: String = tv.get(Tv::PATHS.playback.url.some()); //~ ERROR
    println!("{url:?}");
}
