//! Two fields have one name in a path's text.
//!
//! Rename one.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(rename = "volume")]
    gain: u8,
    volume: u8, //~ ERROR
}

fn main() {
    let _ = (Tv::PATHS.gain, Tv::PATHS.volume);
}
