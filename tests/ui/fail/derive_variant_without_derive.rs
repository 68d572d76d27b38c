//! The type of a variant's field does not derive `Model`.
//!
//! Derive it there too, or mark the field `#[model(leaf)]`.

use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
enum Media {
    Playing { track: Track, at: u64 }, //~ ERROR
}

#[derive(Clone, PartialEq)]
struct Track {
    title: String,
}

fn main() {
    let track = Track { title: String::new() };
    let media = create_model("media", Media::Playing { track, at: 0 });
    media.set(Media::PATHS.playing.at, 1).unwrap();
}
