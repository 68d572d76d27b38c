//! [`WriteQueue`]: how the writes of a model reach its committer.
//!
//! A write has a place in the queue until it runs for the first time. The places are counted apart
//! from the messages, so that the committer has every queued write and the stop at once: it fails
//! a write at its deadline, and stops within the grace, also while the queue is full.

use std::sync::Arc;

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
}

/// The committer's end of a queue. Ends the queue when it is dropped.
pub(crate) struct QueuedWrites<T: 'static> {
    commands: mpsc::UnboundedReceiver<Command<T>>,
    places: Arc<Semaphore>,
    count: usize,
}

/// A queue with `count` places.
pub(crate) fn queue<T>(count: usize) -> (WriteQueue<T>, QueuedWrites<T>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let count = count.min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(count));
    let queue = WriteQueue { commands: sender, places: Arc::clone(&places) };
    (queue, QueuedWrites { commands: receiver, places, count })
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

    /// Queues `job`, if there is a place.
    pub(crate) fn try_send(&self, job: WriteJob<T>) -> Result<(), NotQueued> {
        match Arc::clone(&self.places).try_acquire_owned() {
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
        Self { commands: self.commands.clone(), places: Arc::clone(&self.places) }
    }
}

impl<T> QueuedWrites<T> {
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

impl<T> Drop for QueuedWrites<T> {
    fn drop(&mut self) {
        self.places.close();
    }
}
