use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    casting: bool,
    playback: Playback,
}

#[derive(Model, Clone, PartialEq)]
struct Playback {
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv { casting: false, playback: Playback { position: 0 } });
    tv.patch(TvPatch::new().casting(true));
}
