//! A right for browsers has no effect, or cannot be used.
//!
//! Remove it, or what keeps the field from being written and read.

use serde::{Deserialize, Serialize};
use sprag::prelude::*;

#[derive(Model, Serialize, Deserialize)]
struct Tv {
    #[serde(skip)]
    #[model(browser = "never")] //~ ERROR
    cached: u64,
    #[model(skip)]
    #[model(browser = "write")] //~ ERROR
    counter: u64,
    #[serde(skip_deserializing)]
    #[model(browser = "write")] //~ ERROR
    started: u64,
}

fn main() {
    let _ = (Tv::PATHS.cached, Tv::PATHS.started);
    let _ = Tv { cached: 0, counter: 0, started: 0 }.counter;
}
