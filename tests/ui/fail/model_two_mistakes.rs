use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(renam = "x")]
    casting: bool,
    #[model(skip, leaf)]
    playback: u8,
}

fn main() {
    let _ = Tv::PATHS.casting;
}
