//! An option is malformed.
//!
//! Write it as the message says.

use sprag::prelude::*;

#[derive(Model)]
#[model] //~ ERROR
struct Tv {
    #[model(rename)] //~ ERROR
    casting: bool,
    #[model(rename = volume)] //~ ERROR
    volume: u8,
    #[model(rename = "a.b")] //~ ERROR
    dotted: u8,
    #[model(rename = "")] //~ ERROR
    empty: u8,
    #[model(skip = true)] //~ ERROR
    skipped: u8,
    #[model(rename("x"))] //~ ERROR
    list: u8,
    #[model("x")] //~ ERROR
    text: u8,
    #[model(leaf skip)] //~ ERROR
    comma: u8,
}

#[derive(Model)]
#[model(crate = "sprag")] //~ ERROR
struct Named {
    x: u8,
}

#[derive(Model)]
#[model(patch_derive = Debug)] //~ ERROR
struct Derived {
    x: u8,
}

fn main() {
    let _ = (Tv::PATHS.casting, Tv::PATHS.comma, Named::PATHS.x, Derived::PATHS.x);
}
