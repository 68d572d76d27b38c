//! [`EventPacket`]: the events of one entry, as data.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The content of one entry: events of one process.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EventPacket {
    /// The last sequence that the sender had seen.
    pub(super) prev: u64,
    pub(super) process: u64,
    /// The number of the entry within its process, so that a reader skips a second copy.
    pub(super) number: u64,
    /// How many earlier events the sender could not send.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) unsent: u64,
    pub(super) events: Vec<Box<RawValue>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
