//! Gives the other processes that write a turn.
//!
//! The process whose entry counts can append the next one at once, while a process that lost
//! reads that entry first. Without turns the winner therefore wins again more often than not.
//! After an entry of another process, this one pauses behind each of its own next entries, a
//! few times, and until the other process writes. Two processes in contention therefore write
//! in turn, and a process that writes alone never pauses.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;
use tokio::time::Instant;

use super::Committer;
use super::flight::AppendFlight;
use crate::backend::Log;

/// How many times the duration of the last append a turn has: once for the read of the process
/// that lost, and once for its append.
const APPENDS: u32 = 2;
/// After how many own entries in a row the other processes count as idle.
const TURNS: u32 = 4;
/// The longest turn. The duration of an append that was looked up says little.
const MOST: Duration = Duration::from_millis(20);

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    /// Pauses after the own entry of `flight`, if another process wrote a short while ago.
    pub(super) fn give_turn(&mut self, flight: &AppendFlight) {
        if self.turns == 0 {
            return;
        }
        self.turns -= 1;
        let now = Instant::now();
        let turn = now.saturating_duration_since(flight.appended) * APPENDS;
        self.resume = Some(now + turn.min(MOST));
    }

    /// Ends a pause, since another process has written.
    pub(super) fn take_turn(&mut self) {
        (self.turns, self.resume) = (TURNS, None);
    }
}
