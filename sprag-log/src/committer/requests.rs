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

#[cfg(test)]
mod tests {
    use super::super::idle::{idle, ms};
    use super::*;
    use crate::settings::Settings;

    #[tokio::test(start_paused = true)]
    async fn l9_a_turn_ends_with_an_entry_of_its_process_or_with_its_time() {
        let (mut requests, now) = (TurnRequests::default(), Instant::now());
        assert_eq!(requests.latest(now), None);
        requests.add(LogEntryId(1, 1), now + ms(30));
        requests.add(LogEntryId(2, 1), now + ms(20));
        assert_eq!(requests.latest(now), Some(now + ms(30)));
        // The later request of a process replaces the earlier one.
        requests.add(LogEntryId(1, 2), now + ms(10));
        assert_eq!(requests.latest(now), Some(now + ms(20)));
        requests.fulfil(LogEntryId(2, 5));
        assert_eq!(requests.latest(now), Some(now + ms(10)));
        assert_eq!(requests.latest(now + ms(10)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn l9_a_request_from_before_the_last_entry_of_its_process_is_fulfilled() {
        let (mut requests, now) = (TurnRequests::default(), Instant::now());
        requests.fulfil(LogEntryId(1, 5));
        requests.add(LogEntryId(1, 4), now + ms(10));
        assert_eq!(requests.latest(now), None);
        requests.add(LogEntryId(2, 4), now + ms(20));
        assert_eq!(requests.latest(now), Some(now + ms(20)), "of another process");
        requests.add(LogEntryId(1, 5), now + ms(30));
        assert_eq!(requests.latest(now), Some(now + ms(30)), "the entry that lost is no older");
    }

    #[tokio::test(start_paused = true)]
    async fn l9_a_turn_is_four_times_as_long_as_the_loser_has_waited() {
        let (mut loser, _commands) = idle(Settings::default());
        let (mut winner, _commands) = idle(Settings::default());
        loser.contends = Some(Instant::now());
        loser.rerun = ms(3);
        tokio::time::advance(ms(7)).await;
        loser.request_turn(LogEntryId(loser.process, 1));
        let message = loser.log.notices.lock().expect("no panic").remove(0);
        let now = Instant::now();
        winner.noticed(&message);
        assert_eq!(winner.requests.latest(now), Some(now + ms(40)));
        assert_eq!(winner.resume, None, "it does not pause now");
        loser.noticed(&message);
        assert_eq!(loser.requests.latest(now), None, "its own message");
        winner.noticed(&Bytes::from_static(b"of a later version"));
    }

    #[tokio::test(start_paused = true)]
    async fn l9_a_pause_becomes_as_long_as_the_turn_that_is_requested_in_it() {
        let (mut winner, _commands) = idle(Settings::default());
        let now = Instant::now();
        winner.resume = Some(now + ms(10));
        let request = |micros| {
            let request = TurnRequest { lost: LogEntryId(winner.process ^ 1, 1), micros };
            Bytes::from(serde_json::to_vec(&request).expect("JSON"))
        };
        let (short, long) = (request(1_000), request(u64::MAX));
        winner.noticed(&short);
        assert_eq!(winner.resume, Some(now + ms(10)));
        winner.noticed(&long);
        assert_eq!(winner.resume, Some(now + MOST));
    }
}
