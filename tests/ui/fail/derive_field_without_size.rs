//! A field has a type without a size of its own.
//!
//! Hold the owned form: a `String`, a `Vec`, a `Box`.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    casting: bool,
    title: str, //~ ERROR
}

fn main() {
}
