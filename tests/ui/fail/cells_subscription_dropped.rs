//! A subscription is dropped where it is made, and so ends at once.
//!
//! Keep it in a variable, or call `.detach()`.

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
    tv.subscribe(Tv::PATHS.casting, |casting, _| println!("{casting}")); //~ ERROR
}
