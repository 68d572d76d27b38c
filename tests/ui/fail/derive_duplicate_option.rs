//! An option is given twice.
//!
//! Remove one.

use sprag::prelude::*;

#[derive(Model)]
#[model(crate = sprag)]
#[model(crate = sprag)] //~ ERROR
struct Tv {
    #[model(leaf, leaf)] //~ ERROR
    casting: bool,
}

fn main() {
    let _ = Tv::PATHS.casting;
}
