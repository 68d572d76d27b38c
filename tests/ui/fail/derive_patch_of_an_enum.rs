//! A patch is named for a type that has none.
//!
//! Remove `patch`: only a struct with named fields has a patch.

use sprag::prelude::*;

#[derive(Model)]
#[model(patch = MediaChanges)] //~ ERROR
enum Media {
    Playing { url: String },
}

fn main() {
    let _ = Media::PATHS.playing.url;
    let Media::Playing { url: _ } = Media::Playing { url: String::new() };
}
