//! The type in a collection does not derive `Model`.
//!
//! Derive it there too, or mark the field `#[model(leaf)]`.

use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    playback: Vec<Playback>, //~ ERROR
    queue: u8,
}

#[derive(Clone, PartialEq)]
struct Playback {
    _position: u64,
}

fn main() {
    let playback = Default::default();
    let tv = create_model("tv", Tv { playback, queue: 0 });
    tv.set(Tv::PATHS.queue, 1);
    tv.patch(TvPatch::new().queue(2));
}
