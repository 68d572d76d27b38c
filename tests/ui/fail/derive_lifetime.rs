//! A model has a lifetime.
//!
//! Hold owned data.

use sprag::prelude::*;

#[derive(Model)]
struct Tv<'a> { //~ ERROR
    title: &'a str,
    playback: Playback<'a>,
}

#[derive(Model)]
struct Playback<'url> { //~ ERROR
    url: &'url str,
}

fn main() {
    let _ = (Tv::PATHS.title, Tv::PATHS.playback.url);
}
