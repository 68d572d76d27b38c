//! A patch is both left out and named.
//!
//! Remove one of the two options.

use sprag::prelude::*;

#[derive(Model)]
#[model(no_patch, patch = TvChanges)] //~ ERROR
struct Tv {
    title: String,
}

fn main() {
    let _ = Tv::PATHS.title;
    let _ = Tv { title: String::new() }.title;
}
