//! [`WriteQueue`]: how the writes of a model reach its committer.
//!
//! A write has a place in the queue until it runs for the first time. The places are counted apart
//! from the messages, so that the committer has every queued write and the stop at once: it fails
//! a write at its deadline, and stops within the grace, also while the queue is full.
//!
//! The bytes of a write are known once it has run. Whether the writes that have run fill a limit is
//! therefore a flag ([`QueueFullness`]), which the committer sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, mpsc, oneshot};
use tokio::time::timeout_at;

use crate::work::WriteJob;

/// A message from a logged model to its committer.
pub(crate) enum Command<T: 'static> {
    Write(WriteJob<T>),
    Stop(oneshot::Sender<()>),
}

/// Why a write is not in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotQueued {
    Full,
    /// The deadline passed before there was a place.
    Late,
    /// The committer has ended.
    Ended,
}

/// The callers' end of a queue.
pub(crate) struct WriteQueue<T: 'static> {
    commands: mpsc::UnboundedSender<Command<T>>,
    places: Arc<Semaphore>,
    fullness: QueueFullness,
}

/// The committer's end of a queue. The queue ends when this is dropped: the queued writes give their
/// places to those that wait, which then find the channel closed.
pub(crate) struct QueuedWrites<T: 'static> {
    commands: mpsc::UnboundedReceiver<Command<T>>,
    places: Arc<Semaphore>,
    count: usize,
    fullness: QueueFullness,
}

/// Whether the writes that have run and are not in the log fill a limit of the queue. A clone is
/// the same flag.
///
/// It is set before callers receive their replies, so that a caller whose write is in the log
/// finds the room of that write.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueueFullness(Arc<AtomicBool>);

impl QueueFullness {
    pub(crate) fn fill(&self) {
        self.0.store(true, Relaxed);
    }

    pub(crate) fn clear(&self) {
        self.0.store(false, Relaxed);
    }

    fn is_full(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// A queue with `count` places.
pub(crate) fn queue<T>(count: usize) -> (WriteQueue<T>, QueuedWrites<T>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let count = count.min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(count));
    let fullness = QueueFullness::default();
    let queue =
        WriteQueue { commands: sender, places: Arc::clone(&places), fullness: fullness.clone() };
    (queue, QueuedWrites { commands: receiver, places, count, fullness })
}

impl<T> WriteQueue<T> {
    /// Queues `job`; waits for a place until the deadline.
    pub(crate) async fn send(&self, job: WriteJob<T>) -> Result<(), NotQueued> {
        match timeout_at(job.deadline, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => self.put(job, place),
            Ok(Err(_)) => Err(NotQueued::Ended),
            Err(_) => Err(NotQueued::Late),
        }
    }

    /// Queues `job`, if there is a place and no limit is reached.
    pub(crate) fn try_send(&self, job: WriteJob<T>) -> Result<(), NotQueued> {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(_) if self.fullness.is_full() => Err(NotQueued::Full),
            Ok(place) => self.put(job, place),
            Err(TryAcquireError::NoPermits) => Err(NotQueued::Full),
            Err(TryAcquireError::Closed) => Err(NotQueued::Ended),
        }
    }

    fn put(&self, job: WriteJob<T>, place: OwnedSemaphorePermit) -> Result<(), NotQueued> {
        let job = WriteJob { place: Some(place), ..job };
        self.commands.send(Command::Write(job)).map_err(|_| NotQueued::Ended)
    }

    /// Requests a stop. The returned channel ends when the committer has stopped.
    pub(crate) fn stop(&self) -> oneshot::Receiver<()> {
        let (done, stopped) = oneshot::channel();
        // Where the committer has ended, the channel ends at once.
        let _ = self.commands.send(Command::Stop(done));
        stopped
    }
}

impl<T> Clone for WriteQueue<T> {
    fn clone(&self) -> Self {
        Self {
            commands: self.commands.clone(),
            places: Arc::clone(&self.places),
            fullness: self.fullness.clone(),
        }
    }
}

impl<T> QueuedWrites<T> {
    /// The flag to set when the writes that have run fill a limit.
    pub(crate) fn fullness(&self) -> QueueFullness {
        self.fullness.clone()
    }

    /// Waits for the next message; `None` if no caller is left.
    pub(crate) async fn recv(&mut self) -> Option<Command<T>> {
        self.commands.recv().await
    }

    pub(crate) fn try_recv(&mut self) -> Result<Command<T>, TryRecvError> {
        self.commands.try_recv()
    }

    /// Whether no write has a place or waits for one.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.available_permits() == self.count
    }

    /// Refuses all further messages.
    pub(crate) fn close(&mut self) {
        self.places.close();
        self.commands.close();
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use sprag_runtime::Model;
    use tokio::time::Instant;

    use super::*;
    use crate::work::{Call, WriteKind};

    fn job() -> WriteJob<u64> {
        let (call, _caller) = Call::new(|_: &Model<u64>| Ok::<_, Infallible>(()));
        let waits = Duration::from_secs(10);
        let (by, deadline, kind) = (Default::default(), Instant::now() + waits, WriteKind::Ops);
        WriteJob { work: Some(Box::new(call)), by, deadline, waits, kind, place: None }
    }

    #[tokio::test(start_paused = true)]
    async fn l4a_a_write_that_waits_for_a_place_ends_with_the_queue() {
        for is_dropped in [true, false] {
            let (writes, mut queued) = queue(1);
            writes.send(job()).await.expect("there is a place");
            let ends = async move {
                tokio::task::yield_now().await;
                if is_dropped {
                    return None;
                }
                queued.close();
                Some(queued)
            };
            let (outcome, queued) = tokio::join!(writes.send(job()), ends);
            assert_eq!(outcome, Err(NotQueued::Ended));
            assert_eq!(writes.try_send(job()), Err(NotQueued::Ended));
            let first = queued.and_then(|mut queued| queued.try_recv().ok());
            assert_eq!(first.is_some(), !is_dropped, "a queue that is closed has its writes");
        }
    }
}
