//! Serde is given an empty name for a field.
//!
//! Give the field a name, or remove `rename`.

use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    #[serde(rename = "")] //~ ERROR
    title: String,
}

fn main() {
    let _ = Tv::PATHS.title;
    let _ = Tv { title: String::new() }.title;
}
