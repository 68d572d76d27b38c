//! `PATHS` is used on a type that does not derive `Model`.
//!
//! Derive it.

use sprag::prelude::*;

#[derive(Clone)]
struct Tv {
    casting: bool,
}

fn main() {
    let _ = Tv::PATHS.casting; //~ ERROR
    let _ = Tv { casting: true }.casting;
}
