//! The order in which commits reach their subscribers: one queue, one drainer.

use std::cell::Cell as ThreadCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use super::Cell;
use super::held::Held;
use super::inbox::AnyInbox;
use crate::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex, thread_local};

/// Behind how many undelivered rounds a writer is slowed, and after how many
/// deliveries a drainer may hand its role to one.
const BACKLOG: usize = if cfg!(sprag_shuttle) { 2 } else { 1_024 };

/// How long one write is slowed at most.
const SLOWED: Duration = Duration::from_millis(1);

thread_local! {
    /// How many callbacks led to what this thread is doing; 0 outside of any.
    static DEPTH: ThreadCell<u32> = const { ThreadCell::new(0) };
    /// What `after_first` was given.
    static AFTER_FIRST: ThreadCell<Option<fn()>> = const { ThreadCell::new(None) };
}

/// Runs `work` once, when this round's [first](super::Calls::First) subscribers
/// have been called and before any other is: caches that depend on places gather
/// there, so that a commit that changes several of them is one wave, and whoever
/// is called later finds them cleared.
pub(crate) fn after_first(work: fn()) {
    AFTER_FIRST.with(|after| after.set(Some(work)));
}

/// How deep in callbacks this thread is.
#[inline]
pub(super) fn depth() -> u32 {
    DEPTH.with(ThreadCell::get)
}

/// Whether this thread runs a callback of some cell.
pub(crate) fn in_callback() -> bool {
    depth() > 0
}

/// Most writes touch one or two places.
pub(super) type Touched<T> = SmallVec<[Arc<dyn AnyInbox<T>>; 2]>;

/// What one commit, or one new subscription, has to deliver. The payloads wait in
/// the inboxes.
pub(super) struct Round<T: 'static> {
    version: u64,
    depth: u32,
    targets: Targets<T>,
}

pub(super) enum Targets<T: 'static> {
    Inboxes(Touched<T>),
    /// The first delivery to one new subscription; without `call` it only learns
    /// the value that later ones are compared with.
    One {
        inbox: Arc<dyn AnyInbox<T>>,
        key: u64,
        call: bool,
    },
}

impl<T> Round<T> {
    pub(super) fn new(version: u64, targets: Targets<T>) -> Self {
        Self { version, depth: depth() + 1, targets }
    }
}

/// The queue and the role of the one who delivers.
pub(super) struct Delivery<T: 'static> {
    /// Whether somebody has the role. Taken under the core lock; given up only
    /// under `queue`'s lock, and only while the queue is seen empty there.
    draining: AtomicBool,
    /// The length of the queue. It grows only under the core lock.
    backlog: AtomicUsize,
    /// How many rounds were committed. Written under the core lock.
    enqueued: AtomicU64,
    queue: Mutex<Queue<T>>,
    /// Wakes slowed writers and those who flush.
    moved: Condvar,
}

struct Queue<T: 'static> {
    rounds: VecDeque<Round<T>>,
    done: u64,
    /// How many writers wait in `slow`.
    slowed: usize,
    /// How many wait in `flush`.
    flushing: usize,
    /// The drainer has left its role to one of the slowed writers.
    offered: bool,
}

impl<T> Delivery<T> {
    pub(super) fn new() -> Self {
        Self {
            draining: AtomicBool::new(false),
            backlog: AtomicUsize::new(0),
            enqueued: AtomicU64::new(0),
            queue: Mutex::new(Queue {
                rounds: VecDeque::new(),
                done: 0,
                slowed: 0,
                flushing: 0,
                offered: false,
            }),
            moved: Condvar::new(),
        }
    }

    /// Takes a round on, under the core lock; says whether this thread has the role
    /// now. The round stays where it is if it can be delivered without ever entering
    /// the queue.
    pub(super) fn enqueue(&self, round: &mut Option<Round<T>>) -> bool {
        let enqueued = self.enqueued.load(Ordering::Relaxed);
        self.enqueued.store(enqueued + 1, Ordering::Relaxed);
        let role = !self.draining.swap(true, Ordering::Acquire);
        if role && self.backlog.load(Ordering::Relaxed) == 0 {
            return true;
        }
        let mut queue = self.queue.lock();
        queue.rounds.extend(round.take());
        self.backlog.store(queue.rounds.len(), Ordering::Relaxed);
        // The drainer may have left while this thread waited for the queue.
        role || !self.draining.swap(true, Ordering::Acquire)
    }

    /// Waits until all that was enqueued so far is delivered.
    pub(super) fn flush(&self) {
        let target = self.enqueued.load(Ordering::Acquire);
        let mut queue = self.queue.lock();
        queue.flushing += 1;
        while queue.done < target {
            self.moved.wait(&mut queue);
        }
        queue.flushing -= 1;
    }

    /// Slows a writer for whom much is undelivered; says whether it was handed the
    /// role.
    fn slow(&self) -> bool {
        let mut queue = self.queue.lock();
        if queue.rounds.len() <= BACKLOG {
            return false;
        }
        queue.slowed += 1;
        if !queue.offered {
            self.moved.wait_for(&mut queue, SLOWED);
        }
        queue.slowed -= 1;
        std::mem::take(&mut queue.offered)
    }

    /// The next round for the drainer, after `done` more are delivered. `None`
    /// means that it has left the role, or handed it over after a long `stint`.
    fn next(&self, done: usize, stint: usize) -> Option<Round<T>> {
        let mut queue = self.queue.lock();
        queue.done += done as u64;
        if done > 0 && queue.flushing > 0 {
            self.moved.notify_all();
        }
        if stint >= BACKLOG && queue.slowed > 0 && !queue.rounds.is_empty() {
            // Every slowed writer looks for the offer before it leaves, so one of
            // them will take it.
            queue.offered = true;
            self.moved.notify_all();
            return None;
        }
        let round = queue.rounds.pop_front();
        self.backlog.store(queue.rounds.len(), Ordering::Relaxed);
        if round.is_none() {
            self.draining.store(false, Ordering::Release);
            // Callbacks may have written any number of times.
            if queue.rounds.capacity() > BACKLOG {
                queue.rounds = VecDeque::new();
            }
        }
        round
    }
}

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// Delivers `round` and whatever else is queued, where this thread has the
    /// `role`; else lets itself be slowed behind a backlog.
    pub(super) fn deliver(self: &Arc<Self>, round: &mut Option<Round<T>>, role: bool) {
        if role {
            if Held::any() {
                self.deliver_later(round.take());
            } else {
                self.drain(round.as_ref());
            }
        } else if self.delivery.backlog.load(Ordering::Relaxed) > BACKLOG
            && !in_callback()
            && !Held::any()
            && self.delivery.slow()
        {
            self.drain(None);
        }
    }

    /// This thread is inside another cell, under whose lock no subscriber may run.
    #[cold]
    fn deliver_later(self: &Arc<Self>, round: Option<Round<T>>) {
        let cell = Arc::clone(self);
        Held::when_free(Box::new(move || cell.drain(round.as_ref())));
    }

    /// Delivers `first` and then until the queue is empty or the role is handed over.
    fn drain(self: &Arc<Self>, first: Option<&Round<T>>) {
        let mut stint = 0;
        if let Some(round) = first {
            self.deliver_round(round);
            stint = 1;
        }
        let mut done = stint;
        while let Some(round) = self.delivery.next(done, stint) {
            self.deliver_round(&round);
            done = 1;
            stint += 1;
        }
    }

    fn deliver_round(self: &Arc<Self>, round: &Round<T>) {
        let outer = DEPTH.with(|depth| depth.replace(round.depth));
        match &round.targets {
            Targets::Inboxes(inboxes) => {
                for inbox in inboxes.iter().filter(|inbox| inbox.is_first()) {
                    inbox.deliver(self, round.version, None);
                }
                if let Some(work) = AFTER_FIRST.with(ThreadCell::take) {
                    self.isolated(work);
                }
                for inbox in inboxes.iter().filter(|inbox| !inbox.is_first()) {
                    inbox.deliver(self, round.version, None);
                }
            }
            Targets::One { inbox, key, call } => {
                inbox.deliver(self, round.version, Some((*key, *call)));
            }
        }
        DEPTH.with(|depth| depth.set(outer));
    }
}
