use sprag::prelude::*;

#[derive(Model)]
#[model(crate = sprag, patch_derive(Debug))]
struct Tv {
    casting: bool,
    #[model(skip)]
    _volume: u8,
}

#[derive(Model)]
struct Point(u8);

#[derive(Model)]
enum Media {
    Playing {
        #[model(leaf)]
        at: u64,
    },
}

fn main() {
    let _ = (Tv::PATHS.casting, Point::PATHS.0, Media::PATHS.playing.at);
    let _ = (format!("{:?}", TvPatch::new()), Media::Playing { at: 0 });
}
