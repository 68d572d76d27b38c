use sprag::prelude::*;

#[derive(Model)]
enum Media {
    Playing { url: String },
}

fn main() {
    let _ = Media::PATHS.playing.url;
    let Media::Playing { url: _ } = Media::Playing { url: String::new() };
}
