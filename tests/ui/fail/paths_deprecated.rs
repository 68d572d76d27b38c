//! The path of a deprecated field is deprecated as well.
//!
//! Use the field that the note names.

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
    tv.set(Tv::PATHS.volume, 3); //~ ERROR
}
