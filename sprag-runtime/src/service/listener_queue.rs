//! [`EventQueue`]: the events that wait for an async listener.
//!
//! The queue loses events only if the user chose so: without a limit it grows; with a
//! limit, the emitter waits or the oldest event is dropped. This module does not know
//! services.

use std::cell::Cell;
use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Handle as Runtime, RuntimeFlavor, worker_index};

use crate::isolate::isolated;
use crate::sync::{Condvar, Mutex};

/// How many events may wait for an async listener, and the rule for further ones.
#[derive(Clone, Copy, Debug)]
pub struct QueueLimit(Option<(NonZeroUsize, WhenFull)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhenFull {
    Wait,
    DropOldest,
}

impl QueueLimit {
    /// Any number of events may wait.
    pub const fn unlimited() -> Self {
        Self(None)
    }

    /// The emitter waits while `limit` events wait. Zero counts as one.
    pub const fn wait(limit: usize) -> Self {
        Self(Some((at_least_one(limit), WhenFull::Wait)))
    }

    /// The oldest of `limit` events is dropped for a new one. Zero counts as one.
    pub const fn drop_oldest(limit: usize) -> Self {
        Self(Some((at_least_one(limit), WhenFull::DropOldest)))
    }
}

const fn at_least_one(limit: usize) -> NonZeroUsize {
    match NonZeroUsize::new(limit) {
        Some(limit) => limit,
        None => NonZeroUsize::MIN,
    }
}

/// The events that wait for one listener.
pub(crate) struct EventQueue<E> {
    limit: QueueLimit,
    /// Events and wakers are dropped, and wakers called, outside this lock.
    state: Mutex<QueueState<E>>,
    /// Notified when an emitter can continue.
    space: Condvar,
}

struct QueueState<E> {
    events: VecDeque<E>,
    /// Whether the listener has taken an event and has not requested the next one.
    in_hand: bool,
    /// Set when no more events come; the waiting ones are still delivered.
    ended: bool,
    /// Set when nothing more is delivered.
    abandoned: bool,
    waker: Option<Waker>,
}

/// The result of pushing an event.
pub(crate) enum Pushed {
    Queued,
    /// The new event replaced the oldest one, or an abandoned queue refused it.
    OneLost,
}

thread_local! {
    /// The address of the queue whose listener this thread polls.
    static HANDLING: Cell<usize> = const { Cell::new(0) };
}

impl<E> EventQueue<E> {
    pub(crate) fn new(limit: QueueLimit) -> Arc<Self> {
        let state = QueueState {
            events: VecDeque::new(),
            in_hand: false,
            ended: false,
            abandoned: false,
            waker: None,
        };
        Arc::new(Self { limit, state: Mutex::new(state), space: Condvar::new() })
    }

    /// Adds an event, following the rule of the limit.
    pub(crate) fn push(&self, event: E) -> Pushed {
        match self.limit.0 {
            None => self.add(event, None),
            Some((limit, WhenFull::DropOldest)) => self.add(event, Some(limit)),
            Some((limit, WhenFull::Wait)) => {
                self.wait_for_space(limit);
                self.add(event, None)
            }
        }
    }

    fn add(&self, event: E, limit: Option<NonZeroUsize>) -> Pushed {
        let mut state = self.state.lock();
        if state.abandoned {
            drop(state);
            drop(event);
            return Pushed::OneLost;
        }
        let is_full = limit.is_some_and(|limit| state.events.len() >= limit.get());
        let oldest = if is_full { state.events.pop_front() } else { None };
        state.events.push_back(event);
        let waker = state.waker.take();
        drop(state);
        wake(waker);
        if oldest.is_some() { Pushed::OneLost } else { Pushed::Queued }
    }

    /// Waits while the queue is full, unless this thread is the one that empties it; the
    /// queue then grows beyond its limit.
    fn wait_for_space(&self, limit: NonZeroUsize) {
        let is_full = |state: &QueueState<E>| state.events.len() >= limit.get() && !state.abandoned;
        if !is_full(&self.state.lock()) || HANDLING.get() == self.address() {
            return;
        }
        let wait = || {
            let mut state = self.state.lock();
            while is_full(&state) {
                self.space.wait(&mut state);
            }
        };
        match Runtime::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::CurrentThread) => {}
            // The other tasks of this worker thread move to another thread during the wait.
            Ok(_) if worker_index().is_some() => tokio::task::block_in_place(wait),
            // Not a worker thread, or one in a `LocalSet`, where `block_in_place` panics.
            Ok(_) | Err(_) => wait(),
        }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The next event; `None` once the queue has ended and is empty.
    pub(crate) async fn next(&self) -> Option<E> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<E>> {
        let waker = cx.waker().clone();
        let mut state = self.state.lock();
        state.in_hand = false;
        if let Some(event) = state.events.pop_front() {
            state.in_hand = true;
            self.space.notify_one();
            return Poll::Ready(Some(event));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        let replaced = state.waker.replace(waker);
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Wraps `call` so that during its polls this thread does not wait for space in this
    /// queue.
    pub(crate) fn handling<F: Future>(&self, call: F) -> impl Future<Output = F::Output> {
        let (mut call, address) = (Box::pin(call), self.address());
        std::future::poll_fn(move |cx| {
            let _outer = Handling(HANDLING.replace(address));
            call.as_mut().poll(cx)
        })
    }

    /// Ends the queue: no more events come.
    pub(crate) fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        let waker = state.waker.take();
        drop(state);
        wake(waker);
    }
}

/// Restores the earlier value of `HANDLING`, even when the poll panics.
struct Handling(usize);

impl Drop for Handling {
    fn drop(&mut self) {
        HANDLING.set(self.0);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        isolated(&"a listener's waker", || waker.wake());
    }
}

/// A queue of any event's type, for the stop.
pub(crate) trait Backlog: Send + Sync {
    /// The number of events that are not delivered, including the one in hand.
    fn waiting(&self) -> usize;

    /// Delivers nothing more; returns how many events were not delivered, including the one
    /// in hand. Drops the events, so it must be called where users' code may run.
    fn abandon(&self) -> usize;
}

impl<E: Send> Backlog for EventQueue<E> {
    fn waiting(&self) -> usize {
        let state = self.state.lock();
        state.events.len() + usize::from(state.in_hand)
    }

    fn abandon(&self) -> usize {
        let mut state = self.state.lock();
        (state.abandoned, state.ended) = (true, true);
        let events = std::mem::take(&mut state.events);
        let lost = events.len() + usize::from(std::mem::take(&mut state.in_hand));
        self.space.notify_all();
        drop(state);
        for event in events {
            isolated(&"the drop of an event", || drop(event));
        }
        lost
    }
}

/// The sending end of a queue, which ends when this is dropped.
pub(crate) struct Inlet<E>(pub(crate) Arc<EventQueue<E>>);

impl<E> Inlet<E> {
    pub(crate) fn push(&self, event: E) -> Pushed {
        self.0.push(event)
    }
}

impl<E> Drop for Inlet<E> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(queue: &EventQueue<u32>) -> Vec<u32> {
        queue.end();
        pollster::block_on(async {
            let mut events = Vec::new();
            while let Some(event) = queue.next().await {
                events.push(event);
            }
            events
        })
    }

    #[test]
    fn s5_a_queue_without_a_limit_loses_nothing() {
        let queue = EventQueue::new(QueueLimit::unlimited());
        assert!((0..5_000).all(|n| matches!(queue.push(n), Pushed::Queued)));
        assert_eq!(taken(&queue), Vec::from_iter(0..5_000));
    }

    #[test]
    fn s5_the_oldest_event_gives_way_where_its_user_says_so() {
        let queue = EventQueue::new(QueueLimit::drop_oldest(2));
        let lost = (0..5).filter(|&n| matches!(queue.push(n), Pushed::OneLost)).count();
        assert_eq!((lost, taken(&queue)), (3, vec![3, 4]));
    }

    #[test]
    fn s5_an_emitter_waits_for_space() {
        let queue = EventQueue::new(QueueLimit::wait(1));
        queue.push(0);
        let emitter = std::thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.push(1)
        });
        assert_eq!(pollster::block_on(queue.next()), Some(0));
        assert!(matches!(emitter.join(), Ok(Pushed::Queued)));
        assert_eq!(taken(&queue), [1]);
    }

    #[test]
    fn s5_a_queue_with_a_limit_is_never_longer() {
        let queue = EventQueue::new(QueueLimit::wait(2));
        is_never_longer(&queue, {
            let queue = Arc::clone(&queue);
            move || (0..1_000).for_each(|n| _ = queue.push(n))
        });
    }

    #[test]
    fn s5_an_emitter_that_would_wait_for_itself_does_not() {
        let queue = EventQueue::new(QueueLimit::wait(1));
        queue.push(0);
        pollster::block_on(queue.handling(async { queue.push(1) }));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { queue.push(2) });
        assert_eq!(taken(&queue), [0, 1, 2]);
    }

    #[test]
    fn s5_an_emitter_in_a_local_set_waits_on_a_runtime_of_many_threads() {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let queue = EventQueue::new(QueueLimit::wait(1));
        queue.push(0);
        let listener = Arc::clone(&queue);
        let local = tokio::task::LocalSet::new();
        let emitted = local.run_until(async {
            let first = tokio::spawn(async move { listener.next().await });
            queue.push(1);
            first.await.unwrap()
        });
        assert_eq!(runtime.block_on(emitted), Some(0));
        assert_eq!(taken(&queue), [1]);
    }

    #[test]
    fn s5_an_abandoned_queue_counts_what_it_did_not_deliver_and_frees_its_emitters() {
        let queue = EventQueue::new(QueueLimit::wait(2));
        (0..2).for_each(|n| _ = queue.push(n));
        assert_eq!(pollster::block_on(queue.next()), Some(0)); // in hand
        assert_eq!(queue.abandon(), 2);
        assert!(matches!(queue.push(3), Pushed::OneLost));
    }

    #[test]
    fn s5_a_listener_that_emits_waits_for_space_in_the_queue_of_another_one() {
        let [own, other] = [(); 2].map(|()| EventQueue::new(QueueLimit::wait(2)));
        is_never_longer(&other, {
            let other = Arc::clone(&other);
            move || {
                pollster::block_on(own.handling(async {
                    (0..1_000).for_each(|n| _ = other.push(n));
                }));
            }
        });
    }

    #[test]
    fn s5_a_thread_waits_again_once_its_listener_has_handled_an_event() {
        let queue = EventQueue::new(QueueLimit::wait(2));
        is_never_longer(&queue, {
            let queue = Arc::clone(&queue);
            move || {
                pollster::block_on(queue.handling(async {}));
                (0..1_000).for_each(|n| _ = queue.push(n));
            }
        });
    }

    /// Takes the thousand events that `emit` pushes on a thread of its own.
    fn is_never_longer(queue: &EventQueue<u32>, emit: impl FnOnce() + Send + 'static) {
        let emitter = std::thread::spawn(emit);
        for n in 0..1_000 {
            assert_eq!(pollster::block_on(queue.next()), Some(n));
            assert!(queue.state.lock().events.len() <= 2);
        }
        emitter.join().unwrap();
    }

    #[test]
    fn s5_a_task_that_waits_for_space_leaves_its_thread_to_the_listener() {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let queue = EventQueue::new(QueueLimit::wait(1));
        queue.push(0);
        let (emitter, listener) = (Arc::clone(&queue), Arc::clone(&queue));
        runtime.block_on(async {
            let emitted = tokio::spawn(async move { _ = emitter.push(1) });
            let first = tokio::spawn(async move { listener.next().await });
            assert_eq!(first.await.unwrap(), Some(0));
            emitted.await.unwrap();
        });
        assert_eq!(taken(&queue), [1]);
    }
}
