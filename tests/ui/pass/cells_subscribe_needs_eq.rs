use sprag::prelude::*;

#[derive(Model, Clone, Default)]
struct Tv {
    playback: Playback,
}

#[derive(Model, Clone, Default, PartialEq)]
struct Playback {
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    let _watch = tv.subscribe(Tv::PATHS.playback, |playback, _| println!("{}", playback.position));
}
