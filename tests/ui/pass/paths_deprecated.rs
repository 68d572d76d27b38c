#![deny(deprecated)]

use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Tv {
    #[deprecated(note = "use `loudness`")]
    volume: u8,
    loudness: u8,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    tv.set(Tv::PATHS.loudness, 3);
}
