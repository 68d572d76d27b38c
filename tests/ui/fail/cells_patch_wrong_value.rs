//! A field of a patch gets a value of the wrong type.
//!
//! Pass a value of the field's type.

use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    casting: bool,
}

fn main() {
    let tv = create_model("tv", Tv { casting: false });
    tv.patch(TvPatch::new().casting(1)); //~ ERROR
}
