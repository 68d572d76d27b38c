use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(leaf)]
    playback: Foreign,
    casting: bool,
}

struct Foreign;

fn main() {
    let _ = (Tv::PATHS.playback, Tv::PATHS.casting);
}
