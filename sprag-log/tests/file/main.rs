//! L1, L4, L4a, L7, L8, L9: the embedded engine.

mod doors;
mod dropped;
#[allow(dead_code, reason = "the tests of `seeds` use the rest")]
mod faults;
mod full;
mod gated;
mod killed;
mod reopened;
mod said;
mod services;
mod snapshots;
mod syncs;
mod writes;

use serde::{Deserialize, Serialize};
use sprag::prelude::*;

/// The state of the tests.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counts {
    /// The number of writes.
    all: u64,
    /// All writes, in order.
    made: Vec<u64>,
}
