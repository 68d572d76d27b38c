//! A right for browsers is misspelt.
//!
//! Write one of the three that the message names.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(browser = "wirte")] //~ ERROR
    volume: u8,
    #[model(browser = "everything")] //~ ERROR
    position: u64,
}

fn main() {
    let _ = (Tv::PATHS.volume, Tv::PATHS.position);
}
