//! [`Writers`]: the writes that were made already.
//!
//! If a `POST` is cut, the client cannot know whether it arrived, and sends it again. Each
//! client numbers its writes; a repeated number gets the reply of the first time.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use lru::LruCache;
use parking_lot::Mutex;
use sprag_runtime::__private::{discard, message};

use crate::writes::answer::Answer;
use crate::writes::request::Unmade;

/// How many replies are kept for each writer.
const ANSWERS: usize = 64;
/// How many writers are kept for each store.
const WRITERS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// How long a writer is kept that writes nothing.
const KEPT: Duration = Duration::from_secs(600);

/// The identity of a writer: a session and the tag of one of its pages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WriterId {
    /// Empty if the request has no session yet.
    pub(crate) session: Arc<str>,
    pub(crate) tag: Arc<str>,
}

/// The writers of one store.
pub(crate) struct Writers(Mutex<LruCache<Arc<str>, KeptWriter>>);

struct KeptWriter {
    session: Arc<str>,
    writer: Arc<StoreWriter>,
    used: Instant,
}

/// The writes of one writer.
///
/// The lock is tokio's, so that a retry that overtakes its first attempt waits for it
/// without blocking a thread.
#[derive(Debug, Default)]
struct StoreWriter {
    /// Whether a write had this tag.
    wrote: AtomicBool,
    log: tokio::sync::Mutex<WriterLog>,
}

#[derive(Debug, Default)]
struct WriterLog {
    last: u64,
    answers: VecDeque<Answer>,
}

/// The state of a tag.
enum KnownWriter {
    Writer(Arc<StoreWriter>),
    /// No write had the tag, or the last one was too long ago.
    No,
    /// Another session owns the tag.
    Foreign,
}

impl Writers {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(LruCache::new(WRITERS)))
    }

    /// Makes the write with the number `n`, or returns its earlier reply.
    ///
    /// With `again`, the client has sent the write before and got no reply. The future must
    /// be run to its end, or a write could be made without being recorded.
    pub(crate) async fn once(
        &self,
        id: &WriterId,
        (n, again): (u64, bool),
        now: Instant,
        write: impl Future<Output = Result<Answer, Unmade>>,
    ) -> Result<Answer, Unmade> {
        let writer = match self.known(id, now) {
            KnownWriter::Writer(writer) => writer,
            // The write may have been made before the writer was forgotten, or by the page's
            // earlier session.
            KnownWriter::No | KnownWriter::Foreign if again => return Ok(Answer::forgotten(n)),
            // The page begins anew under a tag of its present session.
            KnownWriter::Foreign => return Ok(Answer::gap(n, 0)),
            KnownWriter::No if n > 1 => return Ok(Answer::gap(n, 0)),
            KnownWriter::No => self.make(id, now),
        };
        writer.wrote.store(true, Ordering::Relaxed);
        let mut written = writer.log.lock().await;
        written.once(n, write).await
    }

    /// The kept replies of a page that opens a stream; `None` if the page was forgotten.
    ///
    /// A page that has used no number yet is recorded by this call.
    pub(crate) async fn introduce(
        &self,
        id: &WriterId,
        used: u64,
        now: Instant,
    ) -> Option<Vec<Answer>> {
        let writer = match self.known(id, now) {
            KnownWriter::Writer(writer) => writer,
            KnownWriter::No if used == 0 => self.make(id, now),
            KnownWriter::No | KnownWriter::Foreign => return None,
        };
        let written = writer.log.lock().await;
        Some(written.answers.iter().cloned().collect())
    }

    /// A session cannot use the tag of another session, which it may see in a frame. The
    /// stream of a new browser introduces its pages before they have a session: a page
    /// without writes keeps its writer, and a page with writes gets a new one for its
    /// session. Two first requests at once bring two sessions, and the browser keeps the
    /// one that comes last: the tag of a page can be of its other session.
    fn known(&self, id: &WriterId, now: Instant) -> KnownWriter {
        let mut writers = self.0.lock();
        let fresh = |kept: &&mut KeptWriter| now.saturating_duration_since(kept.used) < KEPT;
        let Some(kept) = writers.get_mut(&id.tag).filter(fresh) else { return KnownWriter::No };
        if kept.session.is_empty() && !kept.writer.wrote.load(Ordering::Relaxed) {
            kept.session = id.session.clone();
        }
        if kept.session != id.session {
            return if kept.session.is_empty() { KnownWriter::No } else { KnownWriter::Foreign };
        }
        kept.used = now;
        KnownWriter::Writer(Arc::clone(&kept.writer))
    }

    /// The writer of a new page; the same one for two concurrent requests.
    fn make(&self, id: &WriterId, now: Instant) -> Arc<StoreWriter> {
        let mut writers = self.0.lock();
        if let Some(kept) = writers.get(&id.tag)
            && kept.session == id.session
            && now.saturating_duration_since(kept.used) < KEPT
        {
            return Arc::clone(&kept.writer);
        }
        let writer = Arc::<StoreWriter>::default();
        let kept =
            KeptWriter { session: id.session.clone(), writer: Arc::clone(&writer), used: now };
        writers.put(id.tag.clone(), kept);
        writer
    }
}

impl WriterLog {
    /// Numbers must be used in order, since a write after a gap may depend on a missing
    /// one. A write that was not made leaves its number for a retry; one that panicked uses
    /// its number, since a retry could make it twice, or panic forever.
    async fn once(
        &mut self,
        n: u64,
        write: impl Future<Output = Result<Answer, Unmade>>,
    ) -> Result<Answer, Unmade> {
        if n <= self.last {
            let kept = self.answers.iter().find(|answer| answer.n == n);
            return Ok(kept.cloned().unwrap_or_else(|| Answer::forgotten(n)));
        }
        if n > self.last + 1 {
            return Ok(Answer::gap(n, self.last));
        }
        // If users' code panics, the write may have been made nonetheless.
        let answer = match AssertUnwindSafe(write).catch_unwind().await {
            Ok(answer) => answer?,
            Err(panic) => {
                tracing::error!(panic = message(&panic), "a write of a page panicked");
                discard(panic);
                Answer::forgotten(n)
            }
        };
        self.last = n;
        if self.answers.len() == ANSWERS {
            self.answers.pop_front();
        }
        self.answers.push_back(answer.clone());
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn err(answer: &Answer) -> Option<&str> {
        answer.err
    }

    /// Sends a write with the number `n` to one writer.
    async fn once(written: &mut WriterLog, n: u64, answer: Result<Answer, Unmade>) -> Answer {
        written.once(n, async { answer }).await.expect("the write is answered")
    }

    #[tokio::test]
    async fn w4_a_number_is_used_once() {
        let mut written = WriterLog::default();
        for (n, v, answered) in [(1, 101, 101), (1, 150, 101), (2, 102, 102)] {
            let answer = once(&mut written, n, Ok(Answer::made(n, v))).await;
            assert_eq!(answer, Answer::made(n, answered));
        }
        let gap = once(&mut written, 4, Err(Unmade)).await;
        assert_eq!((err(&gap), gap.last), (Some("gap"), Some(2)));
        assert_eq!(err(&once(&mut written, 0, Err(Unmade)).await), Some("forgotten"));
    }

    #[tokio::test]
    async fn w4_a_refused_write_uses_its_number_and_old_answers_are_forgotten() {
        let mut written = WriterLog::default();
        once(&mut written, 1, Ok(Answer::refused(1, "invalid", "no", 7))).await;
        assert_eq!(err(&once(&mut written, 1, Err(Unmade)).await), Some("invalid"));
        for n in 2..=ANSWERS as u64 + 1 {
            once(&mut written, n, Ok(Answer::made(n, n))).await;
        }
        assert_eq!(err(&once(&mut written, 1, Err(Unmade)).await), Some("forgotten"));
        assert_eq!(once(&mut written, 2, Err(Unmade)).await, Answer::made(2, 2));
    }

    #[tokio::test]
    async fn w4_a_write_that_was_not_made_leaves_its_number_for_a_retry() {
        let mut written = WriterLog::default();
        assert!(written.once(1, async { Err(Unmade) }).await.is_err());
        assert_eq!(once(&mut written, 1, Ok(Answer::made(1, 5))).await, Answer::made(1, 5));
    }

    /// Sends a write; returns the reply as text: its version or the reason.
    async fn send(
        writers: &Writers,
        session: &str,
        (n, again): (u64, bool),
        now: Instant,
    ) -> String {
        let id = WriterId { session: session.into(), tag: "page".into() };
        let write = async { Ok(Answer::made(n, 100 + n)) };
        let answer = writers.once(&id, (n, again), now, write).await.expect("it is answered");
        answer.err.map_or(answer.v.unwrap_or_default().to_string(), str::to_owned)
    }

    #[tokio::test]
    async fn w4_a_retry_after_ten_minutes_is_refused_and_never_made() {
        let (writers, start) = (Writers::new(), Instant::now());
        let id = WriterId { session: "session".into(), tag: "page".into() };
        let send = |n, again, now| send(&writers, "session", (n, again), now);
        assert_eq!([send(1, false, start).await, send(1, true, start).await], ["101", "101"]);
        let soon = start + KEPT - Duration::from_secs(1);
        assert_eq!(send(2, true, soon).await, "102");
        let kept = vec![Answer::made(1, 101), Answer::made(2, 102)];
        assert_eq!(writers.introduce(&id, 2, soon).await, Some(kept));
        let late = start + KEPT * 3;
        assert_eq!(writers.introduce(&id, 2, late).await, None);
        assert_eq!(send(2, true, late).await, "forgotten");
        assert_eq!(send(1, true, late).await, "forgotten");
        assert_eq!(send(3, false, late).await, "gap");
        assert_eq!(writers.introduce(&id, 0, late).await, Some(vec![]));
        assert_eq!(send(1, true, late).await, "101");
    }

    #[tokio::test]
    async fn w4_a_page_is_forgotten_after_ten_minutes_and_not_before() {
        let (writers, start) = (Writers::new(), Instant::now());
        assert_eq!(send(&writers, "a", (1, false), start).await, "101");
        let last = start + KEPT - Duration::from_nanos(1);
        assert_eq!(send(&writers, "a", (1, true), last).await, "101");
        assert_eq!(send(&writers, "a", (1, true), last + KEPT).await, "forgotten");
    }

    #[tokio::test]
    async fn w4_two_requests_of_a_new_page_have_one_writer() {
        let (writers, now) = (Writers::new(), Instant::now());
        let id = |session: &str| WriterId { session: session.into(), tag: "page".into() };
        let first = writers.make(&id("a"), now);
        let soon = now + KEPT - Duration::from_nanos(1);
        assert!(Arc::ptr_eq(&first, &writers.make(&id("a"), soon)));
        let late = writers.make(&id("a"), now + KEPT);
        assert!(!Arc::ptr_eq(&first, &late), "it was forgotten");
        let other = writers.make(&id("b"), now + KEPT);
        assert!(!Arc::ptr_eq(&late, &other), "it is another session's");
    }

    #[tokio::test]
    async fn w8_a_tag_is_of_no_use_to_another_session() {
        let (writers, now) = (Writers::new(), Instant::now());
        assert_eq!(send(&writers, "a", (1, false), now).await, "101");
        assert_eq!(send(&writers, "b", (1, false), now).await, "gap");
        assert_eq!(send(&writers, "b", (2, false), now).await, "gap");
        assert_eq!(send(&writers, "b", (2, true), now).await, "forgotten");
        assert_eq!(send(&writers, "a", (2, false), now).await, "102");
    }

    #[tokio::test]
    async fn w4_a_page_that_was_introduced_without_a_session_writes_with_one() {
        let (writers, now) = (Writers::new(), Instant::now());
        let id = WriterId { session: "".into(), tag: "page".into() };
        assert_eq!(writers.introduce(&id, 0, now).await, Some(vec![]));
        // The first attempt did not arrive.
        assert_eq!(send(&writers, "a", (1, true), now).await, "101");
        assert_eq!(send(&writers, "b", (2, true), now).await, "forgotten");
        // The browser has two sessions, since two of its first requests were on their way.
        assert_eq!(send(&writers, "b", (2, false), now).await, "gap");
    }

    #[tokio::test]
    async fn w4_a_page_that_gets_a_session_begins_anew_and_writes_nothing_twice() {
        let (writers, now) = (Writers::new(), Instant::now());
        assert_eq!(send(&writers, "", (1, false), now).await, "101");
        assert_eq!(send(&writers, "a", (1, true), now).await, "forgotten");
        assert_eq!(send(&writers, "a", (2, false), now).await, "gap");
        assert_eq!(send(&writers, "a", (1, false), now).await, "101");
        assert_eq!(send(&writers, "", (2, false), now).await, "gap");
    }
}
