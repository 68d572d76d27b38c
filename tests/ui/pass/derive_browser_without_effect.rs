use serde::{Deserialize, Serialize};
use sprag::prelude::*;

#[derive(Model, Serialize, Deserialize)]
struct Tv {
    #[serde(skip)]
    /// Not written.
    cached: u64,
    #[model(skip)]
    #[model(browser = "never")]
    counter: u64,
    #[serde(skip_deserializing)]
    #[model(browser = "read")]
    started: u64,
}

fn main() {
    let _ = (Tv::PATHS.cached, Tv::PATHS.started);
    let _ = Tv { cached: 0, counter: 0, started: 0 }.counter;
}
