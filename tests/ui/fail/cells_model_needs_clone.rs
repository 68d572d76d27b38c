//! A model's type is not `Clone`, which a write beside a snapshot needs.
//!
//! Derive it.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    casting: bool,
}

fn main() {
    let _tv = create_model("tv", Tv { casting: false }); //~ ERROR
}
