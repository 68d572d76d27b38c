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

use super::Committer;
use crate::backend::Log;
use crate::queue::Command;

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

#[cfg(test)]
mod tests {
    use super::super::idle::{IdleCommitter, idle, ms, write};
    use super::*;
    use crate::settings::Settings;

    fn bounded(writes: usize) -> Settings {
        Settings { writes, ..Settings::default() }
    }

    /// The writes that the committer expects, and how long it waits for them.
    fn expected(
        committer: &mut IdleCommitter,
        answered: usize,
        took: Duration,
    ) -> (usize, Duration) {
        committer.expect(answered, Instant::now() - took);
        let expected = committer.expected.as_ref();
        expected.map_or((0, Duration::ZERO), |of| (of.writes, of.until - Instant::now()))
    }

    #[tokio::test(start_paused = true)]
    async fn l9_as_many_writes_are_expected_as_were_answered_and_wait() {
        tokio::time::advance(ms(100)).await;
        let (mut committer, _writes) = idle(bounded(9));
        assert_eq!(expected(&mut committer, 1, ms(4)), (0, Duration::ZERO));
        assert_eq!(expected(&mut committer, 2, ms(4)), (2, ms(4) / 8));
        (0..3).for_each(|_| committer.backlog.push(write()));
        assert_eq!(expected(&mut committer, 2, ms(80)), (5, MOST));
    }

    #[tokio::test(start_paused = true)]
    async fn l9_the_next_entry_waits_for_the_expected_writes_and_not_for_more() {
        let (mut committer, writes) = idle(bounded(9));
        let until = Instant::now() + ms(1);
        let send = async || writes.send(write()).await;
        committer.gather().await;
        committer.expected = Some(ExpectedWrites { writes: 2, until });
        send().await.expect("it is received");
        let later = async {
            yield_now().await;
            send().await.expect("it is received");
            yield_now().await;
            yield_now().await;
            send().await.expect("it is received");
        };
        tokio::join!(committer.gather(), later);
        assert_eq!(committer.backlog.len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn l9_nothing_is_waited_for_late_or_without_room_or_in_a_stop() {
        let now = Instant::now();
        let gathered = async |prepare: fn(&mut IdleCommitter), until| {
            let (mut committer, writes) = idle(bounded(1));
            writes.send(write()).await.expect("it is received");
            prepare(&mut committer);
            let before = committer.backlog.len();
            committer.expected = Some(ExpectedWrites { writes: 5, until });
            committer.gather().await;
            committer.backlog.len() - before
        };
        assert_eq!(gathered(|_| {}, now + ms(1)).await, 1);
        assert_eq!(gathered(|_| {}, now).await, 0);
        assert_eq!(gathered(|committer| committer.stop(None), now + ms(1)).await, 0);
        assert_eq!(gathered(|committer| committer.push(write()), now + ms(1)).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn l9_a_wait_on_a_paused_clock_has_an_end() {
        let (mut committer, _writes) = idle(bounded(9));
        let until = Instant::now() + ms(1);
        committer.expected = Some(ExpectedWrites { writes: 2, until });
        committer.gather().await;
        assert!(committer.backlog.is_empty());
    }
}
