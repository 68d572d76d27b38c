use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(laef)]
    playback: u8,
    #[model(transparent)]
    casting: bool,
}

fn main() {
    let _ = (Tv::PATHS.playback, Tv::PATHS.casting);
}
