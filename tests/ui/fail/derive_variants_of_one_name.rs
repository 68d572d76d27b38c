//! Two variants have one name in snake case.
//!
//! Rename one.

use sprag::prelude::*;

#[derive(Model)]
enum Media {
    OnAir(u8),
    ONAir(u8), //~ ERROR
}

fn main() {
    let _ = (Media::PATHS.on_air.0, Media::OnAir(0), Media::ONAir(0));
}
