//! Pauses the follower while this process appends one entry after the other.
//!
//! An append succeeds only if this process has seen all entries before it, so a series of
//! acknowledged appends shows by itself that no other process writes. The delivery of its own
//! entries would cost the process and the server as much as a third of a write. The follower
//! continues as soon as another entry appears, an append does not succeed, or no append
//! follows for a moment.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;
use tokio::time::Instant;

use super::Committer;
use super::intake::follow;
use crate::backend::Log;

/// How long a series lasts before the follower pauses. An engine on a network keeps what a
/// follower leaves for a while, so a follower must not pause often.
const LONG: Duration = Duration::from_millis(100);
/// The longest time between an own entry and the next one of a series.
const REST: Duration = Duration::from_millis(2);

/// The own entries since the last sign of another process.
#[derive(Default)]
pub(super) struct OwnSeries {
    /// When the first and the last entry of the series were confirmed.
    confirmed: Option<(Instant, Instant)>,
    /// When the follower continues, if it is paused.
    resume: Option<Instant>,
}

impl OwnSeries {
    /// Adds the entry that was made at `began`; returns how long the series lasts.
    fn extend(&mut self, began: Instant, now: Instant) -> Duration {
        let series = self.confirmed.filter(|(_, last)| began.duration_since(*last) <= REST);
        let first = series.map_or(now, |(first, _)| first);
        self.confirmed = Some((first, now));
        now.duration_since(first)
    }
}

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    /// Adds an own entry, which was made at `began`, to the series.
    pub(super) fn extend_series(&mut self, began: Instant) {
        let now = Instant::now();
        if self.series.extend(began, now) >= LONG {
            self.next = None;
            self.series.resume = Some(now + REST);
        }
    }

    /// When a paused follower continues. An append in flight takes its place until then.
    pub(super) fn follows_from(&self) -> Option<Instant> {
        self.series.resume.filter(|_| self.flight.is_none())
    }

    /// Continues a follower that has paused for long enough.
    pub(super) fn end_pause(&mut self, now: Instant) {
        if self.follows_from().is_some_and(|resume| resume <= now) {
            self.end_series();
        }
    }

    /// Follows the log from now on, until this process has written another series.
    pub(super) fn end_series(&mut self) {
        let series = std::mem::take(&mut self.series);
        if series.resume.is_some() && !self.is_ended() {
            self.follow_anew();
        }
    }

    /// Follows the log after the last entry that was seen.
    pub(super) fn follow_anew(&mut self) {
        self.follow_after(Duration::ZERO);
    }

    /// Follows the log from the last entry that was seen, after `pause`.
    pub(super) fn follow_after(&mut self, pause: Duration) {
        self.series.resume = None;
        self.next = Some(follow(self.log.follow(&self.name, self.chain.seen), pause));
    }
}

#[cfg(test)]
mod tests {
    use super::super::idle::{idle, ms};
    use super::*;
    use crate::settings::Settings;

    #[tokio::test(start_paused = true)]
    async fn l9_a_series_goes_on_while_no_entry_comes_later_than_a_moment() {
        let (mut series, start) = (OwnSeries::default(), Instant::now());
        assert_eq!(series.extend(start, start + ms(3)), Duration::ZERO);
        let rest = start + ms(3) + REST;
        assert_eq!(series.extend(rest, rest + ms(5)), REST + ms(5));
        let late = rest + ms(5) + REST + ms(1);
        assert_eq!(series.extend(late, late + ms(4)), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn l9_the_follower_pauses_after_a_long_series_and_continues_after_a_moment() {
        let (mut committer, _commands) = idle(Settings::default());
        committer.extend_series(Instant::now());
        tokio::time::advance(ms(1)).await;
        committer.extend_series(Instant::now());
        assert!(committer.next.is_some() && committer.follows_from().is_none(), "it is short");
        for _ in 0..100 {
            tokio::time::advance(ms(1)).await;
            committer.extend_series(Instant::now());
        }
        let resume = Instant::now() + REST;
        assert!(committer.next.is_none(), "it is long");
        assert_eq!(committer.follows_from(), Some(resume));
        committer.end_pause(resume - ms(1));
        assert!(committer.next.is_none(), "the moment lasts");
        committer.end_pause(resume);
        assert!(committer.next.is_some() && committer.follows_from().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn l9_a_follower_that_has_ended_does_not_continue() {
        let (mut committer, _commands) = idle(Settings::default());
        (committer.next, committer.series.resume) = (None, Some(Instant::now()));
        committer.end("of the test");
        committer.end_series();
        assert!(committer.next.is_none());
    }
}
