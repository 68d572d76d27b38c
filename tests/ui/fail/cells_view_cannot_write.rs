//! A view is used to write.
//!
//! Take the model: a view reads, watches and subscribes.

use sprag::View;
use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Tv {
    casting: bool,
}

fn cast(tv: &View<Tv>) {
    tv.update(|tv| tv.casting = true); //~ ERROR
    tv.replace(Tv::default()); //~ ERROR
}

fn main() {
    let tv = create_model("tv", Tv::default());
    cast(&tv);
}
