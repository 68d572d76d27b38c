//! A whole type is hidden from browsers.
//!
//! Hide the fields that hold the type.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    /// The key of the provider.
    key: Key,
}

#[derive(Model)]
#[model(browser = "never")] //~ ERROR
struct Key {
    text: String,
}

fn main() {
    let _ = Tv::PATHS.key.text;
}
