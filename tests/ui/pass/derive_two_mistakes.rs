use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(rename = "x")]
    casting: bool,
    #[model(leaf)]
    playback: u8,
}

fn main() {
    let _ = (Tv::PATHS.casting, Tv::PATHS.playback);
}
