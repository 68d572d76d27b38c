use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    playback: Playback,
    queue: u8,
}

#[derive(Model, Clone, PartialEq)]
struct Playback {
    position: u64,
}

fn main() {
    let playback = Playback { position: 0 };
    let tv = create_model("tv", Tv { playback, queue: 0 });
    tv.set(Tv::PATHS.queue, 1);
    tv.patch(TvPatch::new().queue(2));
}
