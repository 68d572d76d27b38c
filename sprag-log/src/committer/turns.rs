//! Gives the other processes that write a turn.
//!
//! The process whose entry counts can append the next one at once, while a process that lost
//! reads that entry first. Without turns the winner therefore wins again more often than not.
//! After an entry of another process, this one pauses behind each of its own next entries, a
//! few times, and until the other process writes. Two processes in contention therefore write
//! in turn, and a process that writes alone never pauses.
//!
//! A process with many callers runs all their writes again when it has lost, and would be late
//! again. It therefore runs half as many writes after each lost race, and twice as many after each
//! entry that counts ([`WriteBacklog`](super::backlog::WriteBacklog)); and the pause of the winner
//! includes the time of its own last rerun.
//!
//! A pause is as long as two own appends. The first one after another process's entry is twice as
//! long as that process needed in the last pause, if that is longer: a loaded machine may run one
//! process much later than another. A process that the pauses do not reach requests a turn
//! ([`TurnRequests`]).
//!
//! [`TurnRequests`]: super::requests::TurnRequests

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;
use tokio::time::Instant;

use super::Committer;
use super::flight::AppendFlight;
use crate::backend::Log;

/// How many times the duration of the last append and of the last rerun a turn has: once for the
/// process that lost, and once more since its entry may be larger or its machine slower.
const PARTS: u32 = 2;
/// After how many own entries in a row the other processes count as idle.
const TURNS: u32 = 4;
/// The longest turn. The duration of an append that was looked up says little.
const MOST: Duration = Duration::from_millis(250);

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    /// Pauses after the own entry of `flight`, if another process wrote a short while ago or has
    /// requested a turn.
    pub(super) fn give_turn(&mut self, flight: &AppendFlight) {
        let now = Instant::now();
        let requested = self.requests.latest(now);
        if requested.is_some() {
            self.end_series();
        }
        self.resume = self.next_turn(flight.appended, now).max(requested);
    }

    /// When the next turn of the other processes ends, after an entry that was `appended` then;
    /// `None` if they have not written for some turns.
    fn next_turn(&mut self, appended: Instant, now: Instant) -> Option<Instant> {
        let Some(turns) = self.turns.checked_sub(1) else {
            self.response = Duration::ZERO;
            return None;
        };
        // A process that writes now and then does not use its turn: the later ones are short.
        let response = if self.turns == TURNS { self.response } else { Duration::ZERO };
        self.turns = turns;
        let own = now.saturating_duration_since(appended) + self.rerun;
        Some(now + (own.max(response) * PARTS).min(MOST))
    }

    /// Ends a pause, since another process has written an entry, which this process has begun to
    /// read at `began`. The pause goes on if a third process has requested a turn.
    pub(super) fn take_turn(&mut self, began: Instant) {
        self.turns = TURNS;
        if self.resume.take().is_some() {
            let own = self.proven.as_ref().map_or(began, |proof| proof.at);
            self.response = began.saturating_duration_since(own);
            self.resume = self.requests.latest(began);
        }
        self.reads = Some(began);
        if self.backlog.is_empty() {
            self.end_rerun();
        }
    }

    /// Notes how long this process needed from an entry of another one to its own next one.
    pub(super) fn end_rerun(&mut self) {
        if let Some(began) = self.reads.take() {
            self.rerun = Instant::now().saturating_duration_since(began);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::idle::{idle, ms};
    use super::*;
    use crate::settings::Settings;

    #[tokio::test(start_paused = true)]
    async fn l9_a_turn_is_two_appends_and_the_first_one_two_responses_of_the_other_process() {
        let (mut committer, _commands) = idle(Settings::default());
        let appended = Instant::now();
        let now = appended + ms(5);
        (committer.turns, committer.rerun, committer.response) = (TURNS, ms(7), ms(30));
        assert_eq!(committer.next_turn(appended, now), Some(now + ms(60)));
        // The later ones are those of the own append and rerun.
        for _ in 1..TURNS {
            assert_eq!(committer.next_turn(appended, now), Some(now + ms(24)));
        }
        assert_eq!(committer.response, ms(30));
        assert_eq!(committer.next_turn(appended, now), None);
        assert_eq!(committer.response, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn l9_a_turn_has_an_end_where_an_append_took_long() {
        let (mut committer, _commands) = idle(Settings::default());
        let appended = Instant::now();
        let now = appended + ms(10_000);
        committer.turns = TURNS;
        assert_eq!(committer.next_turn(appended, now), Some(now + MOST));
    }

    #[tokio::test(start_paused = true)]
    async fn l9_an_own_entry_gives_a_turn_to_others_that_wrote_a_short_while_ago() {
        let (mut committer, _commands) = idle(Settings::default());
        committer.backlog.push(super::super::idle::write());
        committer.start();
        let flight = committer.flight.take().expect("a write waits");
        tokio::time::advance(ms(3)).await;
        for turns in [1, 0] {
            committer.turns = turns;
            committer.give_turn(&flight);
            assert_eq!(committer.resume, (turns == 1).then(|| Instant::now() + ms(6)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn l9_an_entry_of_another_process_ends_the_turn_and_shows_its_response() {
        let (mut committer, _commands) = idle(Settings::default());
        let began = Instant::now();
        committer.take_turn(began);
        assert_eq!((committer.turns, committer.resume), (TURNS, None));
        // No write waits, so the process is ready for its next one.
        assert_eq!(committer.reads, None);
        committer.resume = Some(began + ms(9));
        committer.take_turn(began + ms(3));
        assert_eq!((committer.resume, committer.response), (None, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn l9_a_rerun_lasts_until_the_next_own_entry() {
        let (mut committer, _commands) = idle(Settings::default());
        committer.backlog.push(super::super::idle::write());
        committer.take_turn(Instant::now());
        assert!(committer.reads.is_some(), "a write waits");
        tokio::time::advance(ms(4)).await;
        committer.end_rerun();
        assert_eq!((committer.rerun, committer.reads), (ms(4), None));
    }
}
