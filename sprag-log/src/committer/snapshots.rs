//! Decides when a committer stores a snapshot, and which thread serialises the state.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::ready;
use futures_util::{FutureExt, TryFutureExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;
use tokio::task::{JoinError, spawn_blocking};

use super::Committer;
use crate::backend::{Log, Snapshot};
use crate::chain::Broken;
use crate::error::ReadError;
use crate::guard::{guarded, reason};
use crate::replay::{encoded, encoded_end};

/// The size below which a state is serialised between two writes, since a thread would cost
/// more.
const SMALL: u64 = 64 << 10;

/// The result of storing a snapshot: its size in bytes.
pub(super) type Saved = Result<u64, SaveError>;

#[derive(Debug, thiserror::Error)]
pub(super) enum SaveError {
    #[error("{0}")]
    Log(#[from] ReadError),
    #[error("the state cannot be a snapshot: {0}")]
    State(String),
}

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    /// Counts an entry of `bytes` bytes, which is in the chain.
    pub(super) fn count(&mut self, bytes: usize) {
        self.gaps = 0;
        self.since_snapshot.0 += 1;
        self.since_snapshot.1 += bytes as u64;
    }

    /// Stores a snapshot, if enough entries came since the last one. The process that
    /// appended the last entry does this.
    ///
    /// A large state is serialised on a thread that may block. The snapshot shares the
    /// state during that time, so the next write clones it.
    pub(super) fn save(&mut self) {
        let (entries, bytes) = self.since_snapshot;
        let is_due = entries >= self.settings.snapshot_entries
            || bytes >= self.settings.snapshot_bytes.max(self.snapshot_size);
        if !is_due || self.saving.is_some() {
            return;
        }
        let is_small = self.snapshot_size + bytes < SMALL;
        self.since_snapshot = (0, 0);
        let (chain, sequence) = (self.chain.clone(), self.chain.counted);
        let (state, types) = (self.model.snapshot(), self.evolution.types.clone());
        let initial = Arc::clone(&self.initial);
        let encode = move || encoded(&chain, &types, &initial, &*state);
        let serialise = move || match guarded(encode) {
            Ok(encoded) => encoded.map_err(|error| SaveError::State(error.to_string())),
            Err(panic) => Err(SaveError::State(format!("it panicked: {}", reason(panic)))),
        };
        let (log, name) = (Arc::clone(&self.log), Arc::clone(&self.name));
        let body = if is_small {
            ready(serialise()).left_future()
        } else {
            let ended = |ended: JoinError| Err(SaveError::State(ended.to_string()));
            spawn_blocking(serialise).unwrap_or_else(ended).right_future()
        };
        self.saving = Some(
            async move {
                let body: Bytes = body.await?;
                let size = body.len() as u64;
                log.save_snapshot(&name, Snapshot { sequence, body }).await?;
                Ok(size)
            }
            .boxed(),
        );
    }

    /// Ends after the own entry at `sequence` that ended the log, and drops what the engine keeps
    /// of the log.
    pub(super) fn destroyed(&mut self, sequence: u64) {
        self.end(&Broken::Destroyed.to_string());
        let (chain, fingerprint) = (self.chain.clone(), self.evolution.types.own());
        let (log, name) = (Arc::clone(&self.log), Arc::clone(&self.name));
        self.saving = Some(
            async move {
                let body = encoded_end(&chain, fingerprint);
                let body = body.map_err(|error| SaveError::State(error.to_string()))?;
                let size = body.len() as u64;
                log.save_snapshot(&name, Snapshot { sequence, body }).await?;
                Ok(size)
            }
            .boxed(),
        );
    }

    pub(super) fn saved(&mut self, outcome: Saved) {
        match outcome {
            Ok(size) => self.snapshot_size = size,
            Err(error) => {
                tracing::warn!(log = &*self.name, %error, "a snapshot was not stored");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::super::idle::idle;
    use crate::settings::Settings;

    #[tokio::test]
    async fn l8_a_snapshot_is_due_after_so_many_entries() {
        let settings = Settings { snapshot_entries: 3, ..Settings::default() };
        let (mut committer, _commands) = idle(settings);
        for entries in 1..3 {
            committer.count(10);
            committer.save();
            assert_eq!(committer.since_snapshot, (entries, 10 * entries));
            assert!(committer.saving.is_none());
        }
        committer.count(10);
        committer.save();
        assert_eq!(committer.since_snapshot, (0, 0));
        // The state is small, and needs no thread.
        let saved = committer.saving.take().expect("it is due").now_or_never();
        committer.saved(saved.expect("it is serialised here"));
        assert!(committer.snapshot_size > 0);
    }

    #[tokio::test]
    async fn l8_a_snapshot_is_due_after_so_many_bytes_and_at_least_its_own_size() {
        let settings = Settings { snapshot_bytes: 100, ..Settings::default() };
        let (mut committer, _commands) = idle(settings);
        committer.snapshot_size = 200;
        committer.count(199);
        committer.save();
        assert!(committer.saving.is_none());
        committer.count(1);
        committer.save();
        assert!(committer.saving.is_some());
        // One at a time.
        committer.count(300);
        committer.save();
        assert_eq!(committer.since_snapshot, (1, 300));
    }
}
