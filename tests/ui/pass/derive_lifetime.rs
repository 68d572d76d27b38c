use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    title: String,
    playback: Playback,
}

#[derive(Model)]
struct Playback {
    url: &'static str,
}

fn main() {
    let _ = (Tv::PATHS.title, Tv::PATHS.playback.url);
}
