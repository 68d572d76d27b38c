//! An option is unknown.
//!
//! Use one of the options that the message names.

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
