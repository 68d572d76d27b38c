//! Waits, for a moment, until the callers that were just answered write again.
//!
//! Of many writers that each wait for their last write, the first would otherwise be an entry
//! alone, and all others the next one: two appends where one does. This is the idea of
//! `commit_delay` in databases. The wait ends when as many writes are there as the last time.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::{Command, Committer};
use crate::backend::Log;

/// The part of the time of the last append that the next one may wait.
const PART: u32 = 8;
/// The longest wait.
const MOST: Duration = Duration::from_millis(1);
/// How often the callers get a turn. This ends the wait where a clock is paused.
const TURNS: u32 = 512;

/// The writes that the next entry waits for.
pub(super) struct ExpectedWrites {
    writes: usize,
    until: Instant,
}

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    /// `answered` writes are in the log; the entry was made at `began`.
    pub(super) fn expect(&mut self, answered: usize, began: Instant) {
        let writes = answered + self.backlog.len();
        self.expected = (writes > 1).then(|| {
            let now = Instant::now();
            ExpectedWrites { writes, until: now + (now.duration_since(began) / PART).min(MOST) }
        });
    }

    /// Takes the writes that come while the next entry waits.
    pub(super) async fn gather(&mut self) {
        let Some(ExpectedWrites { writes, until }) = self.expected.take() else { return };
        for _ in 0..TURNS {
            let is_full = self.backlog.len() >= writes || !self.backlog.has_room();
            if is_full || self.stopping.is_some() || Instant::now() >= until {
                return;
            }
            match self.commands.try_recv() {
                Ok(Command::Write(job)) => self.take(job),
                Ok(Command::Stop(done)) => self.stop(Some(done)),
                Err(_) => yield_now().await,
            }
        }
    }
}
