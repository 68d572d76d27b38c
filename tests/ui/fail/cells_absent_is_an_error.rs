//! The result of writing to a place that may be absent is dropped.
//!
//! Handle it: `Err` says that the place was absent.

#![deny(unused_must_use)]

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
    tv.set(Tv::PATHS.playback.url.some(), String::new()); //~ ERROR
}
