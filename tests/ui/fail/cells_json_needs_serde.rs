//! A state is read and written by text, but serde does not support its type.
//!
//! Derive `Serialize`, and for writing `Deserialize`, on it and on the models in it.

use sprag::prelude::*;

#[derive(Model, Clone, Default)]
struct Tv {
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    let _ = tv.get_value("position"); //~ ERROR
    let _ = tv.set_value("position", 7.into()); //~ ERROR
    let _ = tv.patch_value("", [("position", 7)].into_iter().collect()); //~ ERROR
}
