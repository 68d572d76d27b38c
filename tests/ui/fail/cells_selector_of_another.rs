//! A selector closure takes another type than the model's.
//!
//! Take the model's own type.

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
    let _watch = tv.subscribe(|tv: &Playback| tv.position, |n, _| println!("{n}")); //~ ERROR
}
