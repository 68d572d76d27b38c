//! Two mistakes in one item are two errors in one run.
//!
//! Mend both.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(renam = "x")] //~ ERROR
    casting: bool,
    #[model(skip, leaf)] //~ ERROR
    playback: u8,
}

fn main() {
    let _ = Tv::PATHS.casting;
}
