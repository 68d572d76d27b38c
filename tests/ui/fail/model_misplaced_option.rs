use sprag::prelude::*;

#[derive(Model)]
#[model(skip)]
struct Tv {
    #[model(crate = sprag)]
    casting: bool,
    #[model(patch_derive(Debug))]
    volume: u8,
}

#[derive(Model)]
#[model(patch_derive(Debug))]
struct Point(u8);

#[derive(Model)]
enum Media {
    #[model(leaf)]
    Playing { at: u64 },
}

fn main() {
    let _ = (Tv::PATHS.casting, Tv::PATHS.volume, Point::PATHS.0, Media::PATHS.playing.at);
    let _ = Media::Playing { at: 0 };
}
