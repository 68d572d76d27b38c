//! [`confirmed`]: the entries that a consumer delivers, as the leader of its cluster has them.
//!
//! A consumer reads the replica of its own server. Where the replicas may differ, each
//! entry is requested from the leader, as the next one after the entry before it, and the reply
//! counts: another entry, since the replica has another history or lacks this one, or a later one,
//! since a snapshot dropped the entry after its delivery.

use std::iter::once;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::time::sleep;

use crate::backend::Stored;
use crate::error::ReadError;

/// How many entries are requested at once. A reply has the whole entry, and a server closes a
/// connection on which too many bytes wait.
const AT_ONCE: usize = 16;
/// How often entries are requested from a leader that may have to apply what another server has
/// applied.
const ATTEMPTS: usize = 10;
/// The delay before the next request.
const PAUSE: Duration = Duration::from_millis(10);

/// The entries after `after` as the leader has them, in place of `delivered`; up to the first one
/// that differs, since a consumer that starts behind it may be right again. `next` requests the
/// leader's first entry after a sequence. Empty if the leader has none after `after`.
pub(super) async fn confirmed<F>(
    after: u64,
    delivered: &[Stored],
    next: impl Fn(u64) -> F,
) -> Result<Vec<Stored>, ReadError>
where
    F: Future<Output = Result<Option<Stored>, ReadError>>,
{
    for _ in 1..ATTEMPTS {
        let entries = replies(after, delivered, &next).await?;
        if !entries.is_empty() {
            return Ok(entries);
        }
        sleep(PAUSE).await;
    }
    replies(after, delivered, &next).await
}

async fn replies<F>(
    after: u64,
    delivered: &[Stored],
    next: &impl Fn(u64) -> F,
) -> Result<Vec<Stored>, ReadError>
where
    F: Future<Output = Result<Option<Stored>, ReadError>>,
{
    let before = once(after).chain(delivered.iter().map(|stored| stored.sequence));
    let before: Vec<_> = before.take(delivered.len()).collect();
    let mut replies = stream::iter(before).map(next).buffered(AT_ONCE);
    let mut entries = Vec::with_capacity(delivered.len());
    for stored in delivered {
        let Some(Some(reply)) = replies.next().await.transpose()? else { break };
        let is_same = reply == *stored;
        entries.push(reply);
        if !is_same {
            break;
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{Ready, ready};

    use tokio::task::yield_now;
    use tokio::time::Instant;

    use super::*;

    fn entry(sequence: u64, text: &'static str) -> Stored {
        Stored { sequence, entry: text.into() }
    }

    /// A leader that has `entries`.
    fn leader(entries: &[Stored]) -> impl Fn(u64) -> Ready<Result<Option<Stored>, ReadError>> {
        let entries = entries.to_vec();
        move |after| {
            let found = entries.iter().find(|stored| stored.sequence > after);
            ready(Ok(found.cloned()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn l2_delivered_entries_count_as_the_leader_has_them() {
        let [a, b, c] = [entry(3, "a"), entry(5, "b"), entry(6, "c")];
        let delivered = [a.clone(), b.clone(), c.clone()];
        let began = Instant::now();
        for (has, expected) in [
            (vec![a.clone(), b.clone(), c.clone(), entry(7, "d")], delivered.to_vec()),
            // The replica has another history.
            (vec![a.clone(), entry(5, "x"), c.clone()], vec![a.clone(), entry(5, "x")]),
            (vec![entry(3, "x"), b.clone(), c.clone()], vec![entry(3, "x")]),
            // The replica lacks an entry.
            (vec![a.clone(), entry(4, "x"), b.clone(), c.clone()], vec![a.clone(), entry(4, "x")]),
            (vec![entry(2, "x"), a.clone(), b.clone(), c.clone()], vec![entry(2, "x")]),
            // The leader has not applied the last entries.
            (vec![a.clone(), b.clone()], vec![a.clone(), b.clone()]),
            // A snapshot dropped the first entries.
            (vec![c.clone()], vec![c.clone()]),
            (vec![entry(8, "d")], vec![entry(8, "d")]),
        ] {
            let confirmed = confirmed(1, &delivered, leader(&has)).await.expect("it replies");
            assert_eq!(confirmed, expected);
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn l2_entries_are_requested_again_from_a_leader_that_lags() {
        let delivered = [entry(3, "a"), entry(4, "b")];
        for (lags, expected) in [(2, delivered.to_vec()), (9, delivered.to_vec()), (10, vec![])] {
            let (requests, began) = (Cell::new(0), Instant::now());
            let has = leader(&delivered);
            let next = |after| {
                requests.set(requests.get() + usize::from(after == 0));
                has(after + if requests.get() > lags { 0 } else { 10 })
            };
            assert_eq!(confirmed(0, &delivered, next).await.expect("it replies"), expected);
            assert_eq!(began.elapsed(), PAUSE * lags.min(9).try_into().expect("a small number"));
        }
    }

    #[tokio::test]
    async fn l2_a_few_entries_are_requested_at_once() {
        let delivered: Vec<_> = (1..=50).map(|sequence| entry(sequence, "a")).collect();
        let (has, now, most) = (leader(&delivered), Cell::new(0), Cell::new(0));
        let next = |after| {
            let (reply, now, most) = (has(after), &now, &most);
            async move {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                yield_now().await;
                now.set(now.get() - 1);
                reply.await
            }
        };
        assert_eq!(confirmed(0, &delivered, next).await.expect("it replies"), delivered);
        assert_eq!(most.get(), AT_ONCE);
    }

    #[tokio::test]
    async fn l5_a_leader_that_does_not_reply_confirms_nothing() {
        let delivered = [entry(3, "a"), entry(4, "b")];
        let next = |after| {
            let away = ReadError::Unavailable("of the test".to_owned());
            ready(if after == 0 { Ok(Some(entry(3, "a"))) } else { Err(away) })
        };
        assert!(matches!(confirmed(0, &delivered, next).await, Err(ReadError::Unavailable(_))));
    }
}
