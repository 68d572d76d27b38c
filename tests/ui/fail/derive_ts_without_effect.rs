//! A type for TypeScript is empty, or has no effect.
//!
//! Name a type of TypeScript, or remove the option.

use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    #[model(ts = "")] //~ ERROR
    position: u64,
    #[model(browser = "never", ts = "string")] //~ ERROR
    key: String,
    #[serde(skip)]
    #[model(ts = "number")] //~ ERROR
    cached: u64,
}

fn main() {
    let _ = (Tv::PATHS.position, Tv::PATHS.key, Tv::PATHS.cached);
}
