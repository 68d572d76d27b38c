//! [`EventPacket`]: the events of one entry, as data.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What one process sends in one entry.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EventPacket {
    /// The last sequence that the sender knew.
    pub(super) prev: u64,
    pub(super) process: u64,
    /// Counts the entries of the process, so that a reader leaves out a second copy.
    pub(super) number: u64,
    /// How many events before these the sender could not send.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) unsent: u64,
    pub(super) events: Vec<Box<RawValue>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
