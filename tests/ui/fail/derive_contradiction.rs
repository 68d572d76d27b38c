//! Options contradict each other.
//!
//! Keep the one that is meant.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(skip, leaf, rename = "x")] //~ ERROR //~ ERROR
    casting: bool,
}

#[derive(Model)]
#[model(leaf)]
struct Money {
    #[model(rename = "c")] //~ ERROR
    cents: i64,
}

fn main() {
    let _ = (Tv::PATHS, Money::PATHS);
}
