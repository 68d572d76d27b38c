//! A field has a type that no path can enter.
//!
//! Mark it `#[model(leaf)]`: it is then one opaque value.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    on_end: fn(u32), //~ ERROR
    decoder: Box<dyn Fn(&str) -> String + Send + Sync>, //~ ERROR
}

fn main() {
    let _ = (Tv::PATHS.on_end, Tv::PATHS.decoder);
}
