//! `crate = …` names no crate; a renamed sprag without it is the same error about `sprag`.
//!
//! Name sprag as your `Cargo.toml` does.

use sprag::prelude::*;

#[derive(Model)]
#[model(crate = spring)] //~ ERROR
struct Tv {
    casting: bool,
}

fn main() {
    let _ = Tv::PATHS.casting;
}
