//! [`Role`]: which thread delivers, and the queue of the batches that other threads leave
//! to that thread.
//!
//! The file knows neither cells nor subscribers, and no locks but the ones of `sync`:
//! `tests/orderings` compiles it with the locks and atomics of a memory model checker.

use std::collections::VecDeque;
use std::time::Duration;

use crate::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex};

/// The number of undelivered batches behind which a writer is slowed, and of deliveries
/// after which a drainer may hand its role over.
const BACKLOG: usize = if cfg!(sprag_shuttle) { 2 } else { 1_024 };

/// How long one write is slowed at most.
const SLOWED: Duration = Duration::from_millis(1);

/// No thread delivers, and the queue is empty.
const FREE: u8 = 0;
/// A thread delivers, and may leave without looking at the queue.
const TAKEN: u8 = 1;
/// A thread delivers, and must look at the queue before it leaves: the queue may have
/// batches, or a thread may wait in `flush`.
const AWAITED: u8 = 2;

/// The role of the drainer, and the queue of batches `B` for it.
pub(super) struct Role<B> {
    /// `FREE`, `TAKEN` or `AWAITED`. Taken under the core lock only, so that a load
    /// and a store do; `AWAITED` is left under `queue`'s lock, and only while the
    /// queue is seen empty there.
    holder: AtomicU8,
    /// The number of committed batches. Written under the core lock, after the batch is
    /// in the queue or the role is taken for it.
    begun: AtomicU64,
    /// The number of delivered batches. Written by the drainer.
    done: AtomicU64,
    /// The length of the queue, which grows only under the core lock.
    pub(super) backlog: AtomicUsize,
    queue: Mutex<Queue<B>>,
    /// Wakes slowed writers and threads in `flush`.
    moved: Condvar,
}

struct Queue<B> {
    batches: VecDeque<B>,
    /// The number of writers that wait in `slow`.
    slowed: usize,
    /// The number of threads that wait in `flush`.
    flushing: usize,
    /// Whether the drainer has left its role to one of the slowed writers.
    offered: bool,
}

impl<B> Role<B> {
    pub(super) fn new() -> Self {
        Self {
            holder: AtomicU8::new(FREE),
            begun: AtomicU64::new(0),
            done: AtomicU64::new(0),
            backlog: AtomicUsize::new(0),
            queue: Mutex::new(Queue {
                batches: VecDeque::new(),
                slowed: 0,
                flushing: 0,
                offered: false,
            }),
            moved: Condvar::new(),
        }
    }

    /// Whether [`begin`](Self::begin) takes the role. The caller holds the core lock, so
    /// the answer stays valid until the lock is released.
    #[inline]
    pub(super) fn is_free(&self) -> bool {
        self.holder.load(Ordering::Acquire) == FREE
    }

    /// Takes the role, if it is free, for a batch that need not enter the queue.
    /// Called under the core lock.
    #[inline]
    pub(super) fn begin(&self) -> bool {
        let free = self.is_free();
        if free {
            self.holder.store(TAKEN, Ordering::Relaxed);
            self.count_begun();
        }
        free
    }

    /// Appends a batch to the queue, under the core lock. Returns whether this thread has
    /// the role now, because the drainer has left.
    pub(super) fn enqueue(&self, batch: B) -> bool {
        let mut queue = self.queue.lock();
        queue.batches.push_back(batch);
        self.backlog.store(queue.batches.len(), Ordering::Relaxed);
        let role = self.holder.swap(AWAITED, Ordering::AcqRel) == FREE;
        self.count_begun();
        role
    }

    #[inline]
    fn count_begun(&self) {
        let begun = self.begun.load(Ordering::Relaxed);
        self.begun.store(begun + 1, Ordering::Release);
    }

    /// Counts a delivered batch. Called by the drainer.
    #[inline]
    pub(super) fn count_done(&self) {
        let done = self.done.load(Ordering::Relaxed);
        self.done.store(done + 1, Ordering::Release);
    }

    /// Leaves the role, unless the queue must be checked. Returns whether it did.
    #[inline]
    pub(super) fn leave(&self) -> bool {
        let left = self.holder.compare_exchange(TAKEN, FREE, Ordering::Release, Ordering::Relaxed);
        left.is_ok()
    }

    /// How many batches the queue has room for.
    #[cfg(test)]
    #[allow(dead_code, reason = "`tests/orderings` has the file without the callers")]
    pub(super) fn room(&self) -> usize {
        self.queue.lock().batches.capacity()
    }

    /// Waits until all that was committed so far is delivered.
    pub(super) fn flush(&self) {
        let target = self.begun.load(Ordering::Acquire);
        let mut queue = self.queue.lock();
        queue.flushing += 1;
        // Where the role is free by now, all of that is delivered.
        let _ = self.holder.compare_exchange(TAKEN, AWAITED, Ordering::AcqRel, Ordering::Acquire);
        while self.done.load(Ordering::Acquire) < target {
            self.moved.wait(&mut queue);
        }
        queue.flushing -= 1;
    }

    /// Whether the queue is so long that a writer is slowed.
    pub(super) fn is_behind(&self) -> bool {
        self.backlog.load(Ordering::Relaxed) > BACKLOG
    }

    /// Slows a writer behind a long queue. Returns whether the writer was handed the role.
    pub(super) fn slow(&self) -> bool {
        let mut queue = self.queue.lock();
        if queue.batches.len() <= BACKLOG {
            return false;
        }
        queue.slowed += 1;
        if !queue.offered {
            self.moved.wait_for(&mut queue, SLOWED);
        }
        queue.slowed -= 1;
        std::mem::take(&mut queue.offered)
    }

    /// The next batch for the drainer. `None`: the drainer has left the role, or handed it
    /// over after a long `stint`.
    pub(super) fn next(&self, stint: usize) -> Option<B> {
        let mut queue = self.queue.lock();
        if queue.flushing > 0 {
            self.moved.notify_all();
        }
        if stint >= BACKLOG && queue.slowed > 0 && !queue.batches.is_empty() {
            // Every slowed writer looks for the offer before it leaves, so that one of
            // them takes it.
            queue.offered = true;
            self.moved.notify_all();
            return None;
        }
        let batch = queue.batches.pop_front();
        self.backlog.store(queue.batches.len(), Ordering::Relaxed);
        if batch.is_none() {
            self.holder.store(FREE, Ordering::Release);
            // Callbacks may have written any number of times.
            if queue.batches.capacity() > BACKLOG {
                queue.batches = VecDeque::new();
            }
        }
        batch
    }
}
