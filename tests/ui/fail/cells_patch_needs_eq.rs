//! A field's type cannot be compared, and a patch notifies only about changes.
//!
//! Derive `PartialEq` for it.

use sprag::prelude::*;

#[derive(Model, Clone)]
struct Tv {
    casting: bool,
    playback: Playback,
}

#[derive(Model, Clone)]
struct Playback {
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv { casting: false, playback: Playback { position: 0 } });
    tv.patch(TvPatch::new().casting(true)); //~ ERROR
}
