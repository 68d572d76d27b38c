//! A path enters an `Option` as if its value were always present.
//!
//! Write `.some()` in between: the value may be absent.

use std::collections::HashMap;

use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Tv {
    playback: Option<Playback>,
}

#[derive(Model, Clone, Default, PartialEq)]
struct Playback {
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    let _position = tv.get(Tv::PATHS.playback.position); //~ ERROR
}
