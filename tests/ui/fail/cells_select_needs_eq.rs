//! The result of a selector cannot be compared.
//!
//! Derive `Clone` and `PartialEq` for it.

use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Tv {
    casting: bool,
}

#[derive(Clone)]
struct Shown(bool);

fn main() {
    let tv = create_model("tv", Tv::default());
    let _watch = tv.subscribe(|tv: &Tv| Shown(tv.casting), |shown, _| println!("{}", shown.0)); //~ ERROR
}
