//! A model is made of a type that does not derive `Model`.
//!
//! Derive it, or create a store.

use sprag::prelude::*;

#[derive(Clone)]
struct Tv {
    casting: bool,
}

fn main() {
    let _tv = create_model("tv", Tv { casting: false }); //~ ERROR
}
