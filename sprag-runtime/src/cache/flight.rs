//! Single flight: one computation for all who ask, whether they block or await.
//!
//! A [`Slot`] takes one value, once. Who asks for it while it is empty either
//! leads, and computes, or waits. A cache that is invalidated puts a new slot in
//! the place of the old one; a computation that was under way fills the old one,
//! for those who wait on it, and nobody finds it there any more.
//!
//! There is one algorithm, which is async. A blocking caller runs it on its own
//! thread, and its computation is a future that is ready at once.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use super::stats::{Counters, count};
use super::waits::{self, Frame, Place};
use crate::error::CacheError;
use crate::isolate::isolated;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};

/// What a computation's error is kept as.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// Room for one value and for the flight that computes it.
pub(super) struct Slot<V> {
    id: u64,
    entry: OnceLock<Entry<V>>,
    turn: Mutex<Turn>,
}

/// A value and when it expires, by the cache's clock.
pub(super) struct Entry<V> {
    pub(super) value: V,
    pub(super) deadline: u64,
}

#[derive(Default)]
struct Turn {
    /// Whether someone computes.
    led: bool,
    /// Where the next failure is put for those who wait now. They share it, and
    /// later ones get another.
    failure: Option<Arc<OnceLock<CacheError>>>,
    /// Who waits, by ticket, in order of arrival.
    waiting: BTreeMap<u64, Waker>,
    next_ticket: u64,
}

impl<V> Slot<V> {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { id, entry: OnceLock::new(), turn: Mutex::default() }
    }

    /// A slot that is full from the start.
    pub(super) fn full(entry: Entry<V>) -> Self {
        let slot = Self::new();
        slot.fill(entry);
        slot
    }

    #[inline]
    pub(super) fn entry(&self) -> Option<&Entry<V>> {
        self.entry.get()
    }

    /// Only the leader fills, and it leads once.
    pub(super) fn fill(&self, entry: Entry<V>) {
        let _ = self.entry.set(entry);
    }

    fn wake_next(&self) {
        let mut turn = self.turn.lock();
        let next =
            if turn.led || self.entry.get().is_some() { None } else { turn.waiting.pop_first() };
        drop(turn);
        if let Some((_, waker)) = next {
            wake(waker);
        }
    }
}

/// One caller's wish for a slot's value.
pub(super) struct Request<'a, V> {
    pub(super) slot: &'a Arc<Slot<V>>,
    pub(super) place: Place,
    pub(super) counters: &'a Counters,
    /// Whether the caller can be given another's error; who cannot computes
    /// again.
    pub(super) takes_errors: bool,
}

impl<V> Request<'_, V> {
    /// Sees to it that the slot is full: by `compute`, whose value `land` puts
    /// there, or by waiting for who else computes it.
    pub(super) async fn fulfil<F, Fut>(
        self,
        compute: F,
        land: impl FnOnce(V),
    ) -> Result<(), CacheError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<V, BoxError>>,
    {
        let frame = Frame { flight: self.slot.id, place: self.place.clone() };
        let _edge = waits::ask(&frame)?;
        match self.turn().await {
            Next::Full => Ok(()),
            Next::Failed(error) => Err(error),
            Next::Lead(lead) => self.lead(lead, &frame, compute, land).await,
        }
    }

    /// Waits until there is something to do.
    async fn turn(&self) -> Next<'_, V> {
        let mut wait = Wait { slot: self.slot, ticket: None, failure: None };
        poll_fn(|cx| wait.poll(self.takes_errors, cx)).await
    }

    async fn lead<F, Fut>(
        &self,
        lead: Lead<'_, V>,
        frame: &Frame,
        compute: F,
        land: impl FnOnce(V),
    ) -> Result<(), CacheError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<V, BoxError>>,
    {
        count(&self.counters.computations);
        let outcome = {
            let future = self.inside(frame, compute);
            // Dropped last first: what the future drops is inside of the computation
            // too, and is told so if it asks for the value.
            let _left = waits::leave_when_dropped();
            let mut future = pin!(future);
            let _entered = waits::enter_when_dropped(frame);
            poll_fn(|cx| self.inside(frame, || future.as_mut().poll(cx))).await
        };
        match outcome {
            Ok(value) => {
                land(value);
                lead.finish();
                Ok(())
            }
            Err(source) => {
                count(&self.counters.failures);
                let cache = self.place.name.clone();
                let error = CacheError::Failed { cache, source: source.into() };
                lead.fail(error.clone());
                Err(error)
            }
        }
    }

    /// Runs a piece of the computation, and counts it if it panics.
    fn inside<U>(&self, frame: &Frame, f: impl FnOnce() -> U) -> U {
        let inside = waits::enter(frame);
        let outcome = catch_unwind(AssertUnwindSafe(f));
        drop(inside);
        outcome.unwrap_or_else(|payload| {
            count(&self.counters.panics);
            resume_unwind(payload)
        })
    }
}

enum Next<'a, V> {
    Full,
    Failed(CacheError),
    Lead(Lead<'a, V>),
}

/// A caller in line.
struct Wait<'a, V> {
    slot: &'a Slot<V>,
    /// Set while it is in line, and after it was woken.
    ticket: Option<u64>,
    /// Set if it takes errors: where one is put.
    failure: Option<Arc<OnceLock<CacheError>>>,
}

impl<'a, V> Wait<'a, V> {
    fn poll(&mut self, takes_errors: bool, cx: &Context<'_>) -> Poll<Next<'a, V>> {
        // Wakers are others' code: cloned before the lock and dropped after it.
        let waker = cx.waker().clone();
        let mut turn = self.slot.turn.lock();
        let left = self.ticket.and_then(|ticket| turn.waiting.remove(&ticket));
        let next = if let Some(error) = self.failure.as_ref().and_then(|failure| failure.get()) {
            Poll::Ready(Next::Failed(error.clone()))
        } else if self.slot.entry.get().is_some() {
            Poll::Ready(Next::Full)
        } else if !turn.led {
            turn.led = true;
            Poll::Ready(Next::Lead(Lead { slot: self.slot, done: false }))
        } else {
            self.stand_in_line(&mut turn, takes_errors, waker);
            drop(turn);
            drop(left);
            return Poll::Pending;
        };
        self.ticket = None;
        drop(turn);
        drop(left);
        next
    }

    fn stand_in_line(&mut self, turn: &mut Turn, takes_errors: bool, waker: Waker) {
        let ticket = *self.ticket.get_or_insert_with(|| {
            turn.next_ticket += 1;
            turn.next_ticket
        });
        turn.waiting.insert(ticket, waker);
        if takes_errors && self.failure.is_none() {
            self.failure = Some(turn.failure.get_or_insert_default().clone());
        }
    }
}

impl<V> Drop for Wait<'_, V> {
    /// A caller that gives up may have been woken to lead; then the next one is.
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let left = self.slot.turn.lock().waiting.remove(&ticket);
        if left.is_none() {
            self.slot.wake_next();
        }
    }
}

/// The right to compute. Dropped unfinished, by a panic or because an async caller
/// gave up, it goes to the next in line.
struct Lead<'a, V> {
    slot: &'a Slot<V>,
    done: bool,
}

impl<V> Lead<'_, V> {
    /// The slot is full.
    fn finish(mut self) {
        self.done = true;
        self.release(None);
    }

    /// Tells all who wait now, and those among them who take no errors compute.
    fn fail(mut self, error: CacheError) {
        self.done = true;
        self.release(Some(error));
    }

    fn release(&self, error: Option<CacheError>) {
        let mut turn = self.slot.turn.lock();
        turn.led = false;
        let failure = turn.failure.take();
        if let (Some(failure), Some(error)) = (&failure, error) {
            let _ = failure.set(error);
        }
        let waiting = std::mem::take(&mut turn.waiting);
        drop(turn);
        waiting.into_values().for_each(wake);
    }
}

impl<V> Drop for Lead<'_, V> {
    fn drop(&mut self) {
        if !self.done {
            self.slot.turn.lock().led = false;
            self.slot.wake_next();
        }
    }
}

fn wake(waker: Waker) {
    isolated(&"a waiting caller's waker", || waker.wake());
}
