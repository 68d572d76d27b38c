//! `.then(…)` continues with a path of another type.
//!
//! Start the second path at the type that the first one leads to.

use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Library {
    tracks: Vec<Track>,
    title: String,
}

#[derive(Model, Clone, Default, PartialEq)]
struct Track {
    title: String,
}

fn main() {
    let library = create_model("library", Library::default());
    let _title = library.get(Library::PATHS.tracks.at(0).then(Library::PATHS.title)); //~ ERROR
}
