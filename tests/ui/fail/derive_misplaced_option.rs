//! An option is in a place where it has no effect.
//!
//! Move it to where it belongs.

use sprag::prelude::*;

#[derive(Model)]
#[model(skip)] //~ ERROR
struct Tv {
    #[model(crate = sprag)] //~ ERROR
    casting: bool,
    #[model(patch_derive(Debug))] //~ ERROR
    volume: u8,
}

#[derive(Model)]
#[model(patch_derive(Debug))] //~ ERROR
struct Point(u8);

#[derive(Model)]
enum Media {
    #[model(leaf)] //~ ERROR
    Playing { at: u64 },
}

fn main() {
    let _ = (Tv::PATHS.casting, Tv::PATHS.volume, Point::PATHS.0, Media::PATHS.playing.at);
    let _ = Media::Playing { at: 0 };
}
