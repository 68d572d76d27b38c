//! A path of one type is used with a model of another.
//!
//! Start at the model's own type.

use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    casting: bool,
}

#[derive(Model, Clone, PartialEq)]
struct Radio {
    playing: bool,
}

fn main() {
    let tv = create_model("tv", Tv { casting: false });
    tv.get(Radio::PATHS.playing); //~ ERROR
}
