use sprag::prelude::*;

#[derive(Model)]
struct Tv<'a> {
    title: &'a str,
    playback: Playback<'a>,
}

#[derive(Model)]
struct Playback<'url> {
    url: &'url str,
}

fn main() {
    let _ = (Tv::PATHS.title, Tv::PATHS.playback.url);
}
