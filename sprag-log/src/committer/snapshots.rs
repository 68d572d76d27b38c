//! When a committer stores a snapshot.

use std::sync::Arc;

use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;

use super::Committer;
use crate::error::ReadError;
use crate::log::{Log, Snapshot};
use crate::replay::encoded;

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    /// Counts an entry of `bytes` bytes.
    pub(super) fn count(&mut self, bytes: usize) {
        self.since_snapshot.0 += 1;
        self.since_snapshot.1 += bytes as u64;
    }

    /// Stores a snapshot, if enough entries came since the last one. The process whose
    /// entry was the last does.
    pub(super) fn save(&mut self) {
        let (entries, bytes) = self.since_snapshot;
        let is_due = entries >= self.settings.snapshot_entries
            || bytes >= self.settings.snapshot_bytes.max(self.snapshot_size);
        let Some(log) = self.chain.log.filter(|_| is_due && self.saving.is_none()) else { return };
        let sequence = self.chain.counted;
        match encoded(log, sequence, &self.evolution.types, &*self.model.snapshot()) {
            Ok(body) => {
                (self.since_snapshot, self.snapshot_size) = ((0, 0), body.len() as u64);
                let (log, name) = (Arc::clone(&self.log), Arc::clone(&self.name));
                let snapshot = Snapshot { sequence, body };
                self.saving = Some(async move { log.save_snapshot(&name, snapshot).await }.boxed());
            }
            Err(error) => {
                tracing::error!(log = &*self.name, %error, "the state cannot be a snapshot");
            }
        }
    }

    pub(super) fn saved(&self, outcome: &Result<(), ReadError>) {
        if let Err(error) = outcome {
            tracing::warn!(log = &*self.name, %error, "a snapshot was not stored");
        }
    }
}
