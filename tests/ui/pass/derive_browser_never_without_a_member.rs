use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    #[serde(flatten)]
    #[model(browser = "read")]
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
        #[model(browser = "read")]
        url: String,
    },
    Idle,
}

#[derive(Model, Serialize)]
struct Login(
    String,
    #[model(browser = "write")]
    String,
);

#[derive(Model, Serialize)]
#[serde(transparent)]
struct Token {
    #[model(browser = "write")]
    text: String,
}

fn main() {
    let _ = (Tv::PATHS.playback.position, Media::PATHS.playing.url);
    let _ = (Login::PATHS.0, Token::PATHS.text, Media::Idle);
    let _ = Media::Playing { url: String::new() };
}
