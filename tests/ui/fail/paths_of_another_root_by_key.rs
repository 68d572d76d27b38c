//! A path by key starts at another type than the model's.
//!
//! Start at the model's own type.

use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Tv {
    tags: Vec<String>,
}

#[derive(Model, Clone, Default, PartialEq)]
struct Radio {
    tags: Vec<String>,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    let _radio = create_model("radio", Radio::default());
    let _tag = tv.get(Radio::PATHS.tags.at(0)); //~ ERROR
}
