//! L1, L4, L4a, L7, L8, L9: the embedded engine.

mod doors;
mod faults;
mod killed;
mod services;
mod snapshots;
mod torn;
mod writes;

use serde::{Deserialize, Serialize};
use sprag::prelude::*;

/// What the tests write.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counts {
    /// How many writes there were.
    all: u64,
    /// All of them, in order.
    made: Vec<u64>,
}
