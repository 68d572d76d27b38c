//! An option is unknown.
//!
//! Take one of those that the message names.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(laef)] //~ ERROR
    playback: u8,
    #[model(transparent)] //~ ERROR
    casting: bool,
}

fn main() {
    let _ = (Tv::PATHS.playback, Tv::PATHS.casting);
}
