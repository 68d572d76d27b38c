use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    playback: Vec<Playback>,
    queue: u8,
}

#[derive(Model, Clone, PartialEq)]
struct Playback {
    _position: u64,
}

fn main() {
    let playback = Default::default();
    let tv = create_model("tv", Tv { playback, queue: 0 });
    tv.set(Tv::PATHS.queue, 1);
    tv.patch(TvPatch::new().queue(2));
}
