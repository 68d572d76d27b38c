use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    #[model(ts = "number")]
    position: u64,
    #[model(browser = "never")]
    key: String,
    #[serde(skip)]
    /// Not written.
    cached: u64,
}

fn main() {
    let _ = (Tv::PATHS.position, Tv::PATHS.key, Tv::PATHS.cached);
}
