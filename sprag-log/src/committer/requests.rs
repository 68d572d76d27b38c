//! Requests a turn after a lost race, and gives the turns that other processes have requested.
//!
//! The process whose entry counts does not observe that another one's append was refused. The
//! loser may need longer for its next append than the pauses of the winner last, since it reads
//! large entries first or its machine is loaded, and would lose again and again. It therefore
//! sends a message after each lost race. The winner then appends nothing behind its own last
//! entry until an entry of the loser counts, or for a few times as long as the loser has waited.

use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sprag_runtime::path::State;
use tokio::time::Instant;

use super::Committer;
use crate::backend::Log;
use crate::entry::LogEntryId;

/// How many times the loser's wait a turn lasts.
const PARTS: u32 = 4;
/// The longest turn.
const MOST: Duration = Duration::from_secs(1);

/// The message of a process that has lost a race.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct TurnRequest {
    /// The entry that lost.
    lost: LogEntryId,
    /// For how long the process has tried to append, in microseconds.
    micros: u64,
}

/// The turns that are still to be given.
#[derive(Debug, Default)]
pub(super) struct TurnRequests {
    /// The entries that lost, and until when their processes are waited for.
    open: Vec<(LogEntryId, Instant)>,
    /// The last entry of another process. An earlier request of that process is fulfilled.
    last: Option<LogEntryId>,
}

impl TurnRequests {
    fn add(&mut self, lost: LogEntryId, until: Instant) {
        let is_newer = |last: LogEntryId| last.0 == lost.0 && last.1 > lost.1;
        if self.last.is_some_and(is_newer) {
            return;
        }
        self.open.retain(|(other, _)| other.0 != lost.0);
        self.open.push((lost, until));
    }

    /// Records that an entry of another process counts.
    pub(super) fn fulfil(&mut self, entry: LogEntryId) {
        self.last = Some(entry);
        self.open.retain(|(lost, _)| lost.0 != entry.0);
    }

    /// When the last open turn ends.
    pub(super) fn latest(&mut self, now: Instant) -> Option<Instant> {
        self.open.retain(|(_, until)| *until > now);
        self.open.iter().map(|(_, until)| *until).max()
    }
}

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    /// Notifies the other processes that the own entry `lost` never counts.
    pub(super) fn request_turn(&self, lost: LogEntryId) {
        let took = self.contends.map_or(Duration::ZERO, |since| since.elapsed()) + self.rerun;
        let micros = took.as_micros().try_into().unwrap_or(u64::MAX);
        let request = TurnRequest { lost, micros };
        if let Ok(message) = serde_json::to_vec(&request) {
            self.log.notify(&self.name, message.into());
        }
    }

    /// Handles a message of another process, or an own one. A message of another kind is ignored:
    /// it may be one of a later version.
    pub(super) fn noticed(&mut self, message: &Bytes) {
        let Ok(TurnRequest { lost, micros }) = serde_json::from_slice(message) else { return };
        if lost.0 == self.process {
            return;
        }
        let now = Instant::now();
        let turn = Duration::from_micros(micros).saturating_mul(PARTS).min(MOST);
        self.requests.add(lost, now + turn);
        if self.flight.is_none() && self.resume.is_some() {
            self.resume = self.resume.max(self.requests.latest(now));
            self.end_series();
        }
    }
}
