//! `#[model(…)]` is on a type that does not derive `Model`.
//!
//! Derive it.

use sprag::prelude::*;

#[derive(Clone, Default)]
struct Tv {
    #[model(leaf)] //~ ERROR
    casting: bool,
}

fn main() {
    let _store = create_store("tv", Tv { casting: true }.clone());
}
