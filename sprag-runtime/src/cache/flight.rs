//! Single flight: one computation for all callers, whether they block or await.
//!
//! A [`ValueSlot`] receives one value, once. A caller that finds the slot empty either
//! leads, and computes, or waits. An invalidated cache replaces its slot by an empty one;
//! a computation that was under way fills the old slot for its waiters, and later callers
//! do not find the old slot.
//!
//! There is one algorithm, which is async. A blocking caller runs it on its own thread,
//! and its computation is a future that is ready at once.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::expiry::{Lifetime, SharedLifetime};
use super::node::CacheCore;
use super::reentrancy::{self, ActiveFlight, FlightKey};
use super::stats::count;
use super::timer::{NEVER, Timer};
use crate::cell::reentrancy::is_inside_any;
use crate::error::{BoxError, CacheError};
use crate::isolate::isolated;
use crate::sync::{Mutex, StaticCounter};

/// The result of a computation.
pub(super) struct Computed<V> {
    pub(super) value: V,
    /// The time to live that the computation gave the value, if any.
    pub(super) ttl: Option<Duration>,
}

impl<V> From<V> for Computed<V> {
    fn from(value: V) -> Self {
        Self { value, ttl: None }
    }
}

impl<V> Computed<V> {
    pub(super) fn with_ttl((value, ttl): (V, Duration)) -> Self {
        Self { value, ttl: Some(ttl) }
    }
}

/// Room for one value and for the flight that computes it.
pub(super) struct ValueSlot<V> {
    id: u64,
    value: OnceLock<CachedValue<V>>,
    state: Mutex<FlightState>,
    /// The slot for the value that replaces this one when it is refreshed.
    successor: OnceLock<Arc<ValueSlot<V>>>,
}

pub(super) struct CachedValue<V> {
    pub(super) value: V,
    pub(super) lifetime: SharedLifetime,
}

struct FlightState {
    /// When the present computation began, in a cache with a throttle.
    started: Option<u64>,
    /// The latest deadline of the slot's value.
    limit: u64,
    /// Whether a caller computes.
    is_led: bool,
    /// The callers that wait now share this cell, which receives the next failure. Later
    /// callers get another cell.
    failure: Option<Arc<OnceLock<CacheError>>>,
    /// The waiting callers by ticket, in order of arrival.
    waiting: BTreeMap<u64, Waker>,
    next_ticket: u64,
}

impl Default for FlightState {
    fn default() -> Self {
        Self {
            started: None,
            limit: NEVER,
            is_led: false,
            failure: None,
            waiting: BTreeMap::new(),
            next_ticket: 0,
        }
    }
}

impl<V> ValueSlot<V> {
    pub(super) fn new() -> Self {
        static NEXT: StaticCounter = StaticCounter::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { id, value: OnceLock::new(), state: Mutex::default(), successor: OnceLock::new() }
    }

    /// Creates a slot that is full from the start.
    pub(super) fn full(value: V, lifetime: Lifetime) -> Self {
        let slot = Self::new();
        let _ = slot.value.set(CachedValue { value, lifetime: lifetime.into() });
        slot
    }

    #[inline]
    pub(super) fn value(&self) -> Option<&CachedValue<V>> {
        self.value.get()
    }

    /// Fills the slot. Only the leader calls this, once.
    pub(super) fn fill(&self, value: V, lifetime: Lifetime) {
        let state = self.state.lock();
        let lifetime = lifetime.until(state.limit).into();
        let filled = self.value.set(CachedValue { value, lifetime });
        drop(state);
        drop(filled);
    }

    /// Returns the latest deadline of the slot's value.
    pub(super) fn limit(&self) -> u64 {
        self.state.lock().limit
    }

    /// Notes the begin of a computation. A value that is computed while an upstream cache
    /// is unsettled expires when the upstream is settled.
    fn begin(&self, core: &CacheCore) {
        let (has_throttle, limit) = (!core.policy.throttle.is_zero(), core.unsettled_until());
        if has_throttle || limit != NEVER {
            let now = core.timer.now();
            let mut state = self.state.lock();
            state.started = has_throttle.then_some(now);
            state.limit = state.limit.min(limit);
        }
    }

    /// Limits the lifetime of a value whose computation has begun to `throttle` after its
    /// begin, even if the value does not exist yet; and that of a refresh likewise. Returns
    /// the latest of these moments, or `None` if no computation has begun.
    pub(super) fn expire_throttled(&self, timer: &Timer, throttle: Duration) -> Option<u64> {
        let mut state = self.state.lock();
        let settled = timer.after(state.started?, throttle);
        state.limit = state.limit.min(settled);
        if let Some(cached) = self.value.get() {
            cached.lifetime.shorten(settled);
        }
        drop(state);
        let next = self.successor.get().and_then(|next| next.expire_throttled(timer, throttle));
        Some(settled.max(next.unwrap_or(settled)))
    }

    /// Until when the computed value outlives an invalidation; `None` without a throttle.
    pub(super) fn settled(&self, timer: &Timer, throttle: Duration) -> Option<u64> {
        Some(timer.after(self.state.lock().started?, throttle))
    }

    /// Returns the slot that a refresh of this one fills.
    pub(super) fn successor(&self) -> Arc<Self> {
        self.successor.get_or_init(|| Arc::new(Self::new())).clone()
    }

    fn wake_next(&self) {
        let mut state = self.state.lock();
        let has_work = !state.is_led && self.value.get().is_none();
        let next = if has_work { state.waiting.pop_first() } else { None };
        drop(state);
        if let Some((_, waker)) = next {
            wake(waker);
        }
    }
}

/// A caller's reaction to the error of another caller's computation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OnLeaderError {
    /// Returns the error.
    Share,
    /// Computes again: the caller has no way to return an error.
    Recompute,
}

/// One caller's request for a slot's value.
pub(super) struct ValueRequest<'a, V> {
    pub(super) slot: &'a Arc<ValueSlot<V>>,
    pub(super) key: FlightKey,
    pub(super) core: &'a CacheCore,
    pub(super) on_leader_error: OnLeaderError,
}

impl<V> ValueRequest<'_, V> {
    /// Returns when the slot is full: `compute` returned a value that `complete` stored,
    /// or another caller's computation did.
    pub(super) async fn run<F, Fut>(
        self,
        compute: F,
        complete: impl FnOnce(Computed<V>),
    ) -> Result<(), CacheError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Computed<V>, BoxError>>,
    {
        let flight = self.flight();
        let _edge = reentrancy::wait_for(&flight)?;
        match self.turn().await {
            Turn::Full => Ok(()),
            Turn::Failed(error) => Err(error),
            Turn::Refused => Err(CacheError::InsideUpdate { cache: self.key.name.clone() }),
            Turn::Lead(lead) => self.lead(lead, &flight, compute, complete).await,
        }
    }

    /// Like [`run`](Self::run), but returns `false` at once where it would wait.
    pub(super) async fn run_unless_led<F, Fut>(
        self,
        compute: F,
        complete: impl FnOnce(Computed<V>),
    ) -> Result<bool, CacheError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Computed<V>, BoxError>>,
    {
        let flight = self.flight();
        let Some(lead) = Lead::try_take(self.slot) else { return Ok(false) };
        self.lead(lead, &flight, compute, complete).await?;
        Ok(true)
    }

    fn flight(&self) -> ActiveFlight {
        ActiveFlight { id: self.slot.id, key: self.key.clone() }
    }

    /// Waits until the slot is full, the computation has failed or this caller leads.
    async fn turn(&self) -> Turn<'_, V> {
        let mut waiter = Waiter { slot: self.slot, ticket: None, failure: None };
        poll_fn(|cx| waiter.poll(self.on_leader_error, cx)).await
    }

    async fn lead<F, Fut>(
        &self,
        lead: Lead<'_, V>,
        flight: &ActiveFlight,
        compute: F,
        complete: impl FnOnce(Computed<V>),
    ) -> Result<(), CacheError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Computed<V>, BoxError>>,
    {
        count(&self.core.counters.computations);
        self.slot.begin(self.core);
        let outcome = {
            let future = pin!(Some(self.inside(flight, compute)));
            let mut computation = reentrancy::Computation::new(flight, future);
            poll_fn(|cx| self.inside(flight, || computation.poll(cx))).await
        };
        match outcome {
            Ok(computed) => {
                complete(computed);
                lead.finish();
                Ok(())
            }
            Err(source) => {
                count(&self.core.counters.failures);
                let cache = self.key.name.clone();
                let error = CacheError::Failed { cache, source: source.into() };
                lead.fail(error.clone());
                Err(error)
            }
        }
    }

    /// Runs a part of the computation, and counts its panic.
    fn inside<U>(&self, flight: &ActiveFlight, f: impl FnOnce() -> U) -> U {
        let inside = reentrancy::enter(flight);
        let outcome = catch_unwind(AssertUnwindSafe(f));
        drop(inside);
        outcome.unwrap_or_else(|payload| {
            count(&self.core.counters.panics);
            resume_unwind(payload)
        })
    }
}

enum Turn<'a, V> {
    Full,
    Failed(CacheError),
    /// The caller must not wait where it is.
    Refused,
    Lead(Lead<'a, V>),
}

/// A caller in the queue of a slot.
struct Waiter<'a, V> {
    slot: &'a ValueSlot<V>,
    /// Set while the caller is in the queue, and after it was woken.
    ticket: Option<u64>,
    /// Where the next failure is stored, for a caller who shares it.
    failure: Option<Arc<OnceLock<CacheError>>>,
}

impl<'a, V> Waiter<'a, V> {
    fn poll(&mut self, on_leader_error: OnLeaderError, cx: &Context<'_>) -> Poll<Turn<'a, V>> {
        // Wakers are others' code: cloned before the lock and dropped after unlock.
        let waker = cx.waker().clone();
        let mut state = self.slot.state.lock();
        let left = self.ticket.and_then(|ticket| state.waiting.remove(&ticket));
        let turn = if let Some(error) = self.failure.as_ref().and_then(|failure| failure.get()) {
            Poll::Ready(Turn::Failed(error.clone()))
        } else if self.slot.value.get().is_some() {
            Poll::Ready(Turn::Full)
        } else if !state.is_led {
            state.is_led = true;
            Poll::Ready(Turn::Lead(Lead { slot: self.slot, is_done: false }))
        } else if is_inside_any() {
            // The leader may need the cell that this thread is inside of.
            Poll::Ready(Turn::Refused)
        } else {
            self.enqueue(&mut state, on_leader_error, waker);
            Poll::Pending
        };
        if turn.is_ready() {
            self.ticket = None;
        }
        drop(state);
        drop(left);
        turn
    }

    fn enqueue(&mut self, state: &mut FlightState, on_leader_error: OnLeaderError, waker: Waker) {
        let ticket = *self.ticket.get_or_insert_with(|| {
            state.next_ticket += 1;
            state.next_ticket
        });
        state.waiting.insert(ticket, waker);
        if on_leader_error == OnLeaderError::Share && self.failure.is_none() {
            self.failure = Some(state.failure.get_or_insert_default().clone());
        }
    }
}

impl<V> Drop for Waiter<'_, V> {
    /// Wakes the next caller where this one was woken to lead and was dropped instead.
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let left = self.slot.state.lock().waiting.remove(&ticket);
        if left.is_none() {
            self.slot.wake_next();
        }
    }
}

/// The right to compute. An unfinished lead, dropped by a panic or a cancelled async
/// caller, passes to the next waiting caller.
struct Lead<'a, V> {
    slot: &'a ValueSlot<V>,
    is_done: bool,
}

impl<'a, V> Lead<'a, V> {
    fn try_take(slot: &'a ValueSlot<V>) -> Option<Self> {
        let mut state = slot.state.lock();
        if state.is_led || slot.value.get().is_some() {
            return None;
        }
        state.is_led = true;
        Some(Self { slot, is_done: false })
    }

    /// Wakes all waiting callers: the slot is full.
    fn finish(mut self) {
        self.is_done = true;
        self.release(None);
    }

    /// Passes the error to the callers that wait now. A caller that cannot return an error
    /// computes.
    fn fail(mut self, error: CacheError) {
        self.is_done = true;
        self.release(Some(error));
    }

    fn release(&self, error: Option<CacheError>) {
        let mut state = self.slot.state.lock();
        state.is_led = false;
        let failure = state.failure.take();
        if let (Some(failure), Some(error)) = (&failure, error) {
            let _ = failure.set(error);
        }
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_values().for_each(wake);
    }
}

impl<V> Drop for Lead<'_, V> {
    fn drop(&mut self) {
        if !self.is_done {
            self.slot.state.lock().is_led = false;
            self.slot.wake_next();
        }
    }
}

fn wake(waker: Waker) {
    isolated(&"the waker of a waiting caller", || waker.wake());
}
