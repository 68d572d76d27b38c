//! A path names a field that does not exist.
//!
//! Use the name of a field.

use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    playback: Playback,
}

#[derive(Model, Clone, PartialEq)]
struct Playback {
    url: String,
}

fn main() {
    let tv = create_model("tv", Tv { playback: Playback { url: String::new() } });
    tv.get(Tv::PATHS.playback.urll); //~ ERROR
}
