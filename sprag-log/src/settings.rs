//! [`Settings`]: the settings of an opening.

use std::time::Duration;

/// Bounds and deadlines of one logged model.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// How long a write may take by default.
    pub(crate) deadline: Duration,
    /// How long the opening may take while the log is out of reach.
    pub(crate) recovery: Duration,
    /// How long a stop waits for the writes.
    pub(crate) grace: Duration,
    /// How many writes may wait.
    pub(crate) writes: usize,
    /// How many bytes the ops of waiting writes may have.
    pub(crate) bytes: usize,
    /// After how many entries a snapshot is stored.
    pub(crate) snapshot_entries: u64,
    /// After how many bytes of entries a snapshot is stored.
    pub(crate) snapshot_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            recovery: Duration::from_secs(30),
            grace: Duration::from_secs(5),
            writes: 1_024,
            bytes: 16 << 20,
            snapshot_entries: 100_000,
            snapshot_bytes: 16 << 20,
        }
    }
}
