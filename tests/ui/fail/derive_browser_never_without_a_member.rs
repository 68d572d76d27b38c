//! A field without a member of its own in the JSON is hidden from browsers.
//!
//! Give the field a member of its own, or hide the field that holds its owner.

use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    #[serde(flatten)]
    #[model(browser = "never")] //~ ERROR
    playback: Playback,
}

#[derive(Model, Serialize)]
struct Playback {
    position: u64,
}

#[derive(Model, Serialize)]
#[serde(untagged)]
enum Media {
    Playing {
        #[model(browser = "never")] //~ ERROR
        url: String,
    },
    Idle,
}

#[derive(Model, Serialize)]
struct Login(
    String,
    #[model(browser = "never")] //~ ERROR
    String,
);

#[derive(Model, Serialize)]
#[serde(transparent)]
struct Token {
    #[model(browser = "never")] //~ ERROR
    text: String,
}

fn main() {
    let _ = (Tv::PATHS.playback.position, Media::PATHS.playing.url);
    let _ = (Login::PATHS.0, Token::PATHS.text, Media::Idle);
    let _ = Media::Playing { url: String::new() };
}
