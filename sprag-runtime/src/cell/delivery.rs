//! The order in which commits reach their subscribers: one drainer at a time, and a
//! queue for what is committed while it is at work.

use std::cell::Cell as ThreadCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use super::Cell;
use super::audience::AnyParcel;
use super::held::Held;
use super::select::UsersValue;
use crate::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
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

/// Runs callbacks that are `depth` deep. They do not unwind.
fn at_depth(depth: u32, callbacks: impl FnOnce()) {
    let outer = DEPTH.with(|now| now.replace(depth));
    callbacks();
    DEPTH.with(|now| now.set(outer));
}

/// What one commit, or one new subscription, has to deliver.
pub(super) struct Round<T: 'static> {
    version: u64,
    depth: u32,
    parcels: SmallVec<[Box<dyn AnyParcel<T>>; 2]>,
    /// How many of them are delivered before `after_first`.
    firsts: usize,
}

impl<T> Round<T> {
    pub(super) fn new(version: u64) -> Self {
        Self { version, depth: depth() + 1, parcels: SmallVec::new(), firsts: 0 }
    }

    /// Adds a parcel; those that are delivered `first` come before the others.
    pub(super) fn push(&mut self, parcel: Box<dyn AnyParcel<T>>, first: bool) {
        self.parcels.push(parcel);
        self.firsts += usize::from(first);
    }

    /// Lets go of the snapshots in a round that is not committed; the rest is the
    /// user's to drop, outside of every lock.
    pub(super) fn give_up(self) -> Vec<UsersValue> {
        self.parcels.into_iter().filter_map(AnyParcel::give_up).collect()
    }
}

/// Nobody delivers, and the queue is empty.
const FREE: u8 = 0;
/// Somebody delivers, who may leave without a look at the queue.
const TAKEN: u8 = 1;
/// Somebody delivers, who must look at the queue before leaving: there may be
/// something in it, or somebody who flushes.
const AWAITED: u8 = 2;

/// The queue and the role of the one who delivers.
pub(super) struct Delivery<T: 'static> {
    /// `FREE`, `TAKEN` or `AWAITED`. Taken under the core lock only, so that a load
    /// and a store do; `AWAITED` is left under `queue`'s lock, and only while the
    /// queue is seen empty there.
    role: AtomicU8,
    /// How many rounds were committed. Written under the core lock, after the round
    /// is in the queue or the role is taken for it.
    begun: AtomicU64,
    /// How many were delivered. Written by whoever has the role.
    done: AtomicU64,
    /// The length of the queue. It grows only under the core lock.
    backlog: AtomicUsize,
    queue: Mutex<Queue<T>>,
    /// Wakes slowed writers and those who flush.
    moved: Condvar,
}

struct Queue<T: 'static> {
    rounds: VecDeque<Round<T>>,
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
            role: AtomicU8::new(FREE),
            begun: AtomicU64::new(0),
            done: AtomicU64::new(0),
            backlog: AtomicUsize::new(0),
            queue: Mutex::new(Queue {
                rounds: VecDeque::new(),
                slowed: 0,
                flushing: 0,
                offered: false,
            }),
            moved: Condvar::new(),
        }
    }

    /// Whether [`begin`](Self::begin) takes the role. Asked under the core lock, as
    /// long as which that stays so.
    #[inline]
    pub(super) fn is_free(&self) -> bool {
        self.role.load(Ordering::Acquire) == FREE
    }

    /// Takes the role, if it is free, for a round that need not enter the queue.
    /// Called under the core lock.
    #[inline]
    pub(super) fn begin(&self) -> bool {
        let free = self.is_free();
        if free {
            self.role.store(TAKEN, Ordering::Relaxed);
            self.count_begun();
        }
        free
    }

    /// Puts a round into the queue, under the core lock; says whether this thread has
    /// the role now, since the drainer left meanwhile.
    fn enqueue(&self, round: Round<T>) -> bool {
        let mut queue = self.queue.lock();
        queue.rounds.push_back(round);
        self.backlog.store(queue.rounds.len(), Ordering::Relaxed);
        let role = self.role.swap(AWAITED, Ordering::AcqRel) == FREE;
        self.count_begun();
        role
    }

    #[inline]
    fn count_begun(&self) {
        let begun = self.begun.load(Ordering::Relaxed);
        self.begun.store(begun + 1, Ordering::Release);
    }

    /// Counts a delivered round. Called by whoever has the role.
    #[inline]
    fn count_done(&self) {
        let done = self.done.load(Ordering::Relaxed);
        self.done.store(done + 1, Ordering::Release);
    }

    /// Leaves the role, unless the queue must be looked at.
    #[inline]
    fn leave(&self) -> bool {
        let left = self.role.compare_exchange(TAKEN, FREE, Ordering::Release, Ordering::Relaxed);
        left.is_ok()
    }

    /// Waits until all that was committed so far is delivered.
    pub(super) fn flush(&self) {
        let target = self.begun.load(Ordering::Acquire);
        let mut queue = self.queue.lock();
        queue.flushing += 1;
        // Where the role is free by now, all of that is delivered.
        let _ = self.role.compare_exchange(TAKEN, AWAITED, Ordering::AcqRel, Ordering::Acquire);
        while self.done.load(Ordering::Acquire) < target {
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

    /// The next round for the drainer. `None` means that it has left the role, or
    /// handed it over after a long `stint`.
    fn next(&self, stint: usize) -> Option<Round<T>> {
        let mut queue = self.queue.lock();
        if queue.flushing > 0 {
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
            self.role.store(FREE, Ordering::Release);
            // Callbacks may have written any number of times.
            if queue.rounds.capacity() > BACKLOG {
                queue.rounds = VecDeque::new();
            }
        }
        round
    }
}

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// Delivers a round once `commit` has made it visible: at once where this thread
    /// may, else in its turn.
    ///
    /// Called under the core lock, which `commit` releases.
    pub(super) fn deliver(self: &Arc<Self>, round: Round<T>, commit: impl FnOnce()) {
        if self.delivery.begin() {
            commit();
            self.deliver_begun(round);
        } else {
            let role = self.delivery.enqueue(round);
            commit();
            self.deliver_queued(role);
        }
    }

    /// Delivers one round that never was in the queue, and whatever came into it
    /// meanwhile. This thread has the role.
    #[inline]
    pub(super) fn deliver_alone(self: &Arc<Self>, depth: u32, round: impl FnOnce()) {
        at_depth(depth, round);
        self.delivery.count_done();
        if !self.delivery.leave() {
            self.drain(1);
        }
    }

    fn deliver_begun(self: &Arc<Self>, round: Round<T>) {
        if Held::any() {
            // Inside another cell, under whose lock no subscriber may run.
            let cell = Arc::clone(self);
            Held::when_free(Box::new(move || cell.deliver_begun(round)));
        } else {
            self.deliver_alone(round.depth, || self.deliver_round(round));
        }
    }

    fn deliver_queued(self: &Arc<Self>, role: bool) {
        if role && Held::any() {
            let cell = Arc::clone(self);
            Held::when_free(Box::new(move || cell.drain(0)));
        } else if role || self.is_handed_the_role() {
            self.drain(0);
        }
    }

    /// Lets this writer be slowed behind a backlog.
    fn is_handed_the_role(&self) -> bool {
        self.delivery.backlog.load(Ordering::Relaxed) > BACKLOG
            && !in_callback()
            && !Held::any()
            && self.delivery.slow()
    }

    /// Delivers until the queue is empty or the role is handed over, after a `stint`
    /// of so many rounds.
    fn drain(self: &Arc<Self>, mut stint: usize) {
        while let Some(round) = self.delivery.next(stint) {
            at_depth(round.depth, || self.deliver_round(round));
            self.delivery.count_done();
            stint += 1;
        }
    }

    fn deliver_round(self: &Arc<Self>, round: Round<T>) {
        let mut parcels = round.parcels.into_iter();
        for parcel in parcels.by_ref().take(round.firsts) {
            parcel.deliver(self, round.version);
        }
        if let Some(work) = AFTER_FIRST.with(ThreadCell::take) {
            self.isolated(work);
        }
        for parcel in parcels {
            parcel.deliver(self, round.version);
        }
    }
}
