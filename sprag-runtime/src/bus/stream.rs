//! [`EventStream`]: a bus's events for an async reader, who may be slower than
//! the emitters.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use super::Bus;
use crate::error::Lagged;
use crate::event::Event;
use crate::isolate::isolated;
use crate::subscription::Subscription;
use crate::sync::Mutex;

/// How many events wait for a reader at most.
const BOUND: usize = 1024;

impl Bus {
    /// The events of type `E` that are emitted from now on, as a stream.
    ///
    /// At most 1,024 events wait. A reader who falls further behind loses the
    /// oldest, and its next item is [`Lagged`] with their number. Each stream
    /// costs an emit one clone of the event. The stream ends with the bus.
    pub fn stream<E: Event + Clone>(&self) -> EventStream<E> {
        let shared = Arc::new(Shared { ring: Mutex::new(Ring::default()) });
        let sender = Sender { shared: Arc::downgrade(&shared) };
        let subscription = self.on::<E>(move |event| sender.send(event));
        EventStream { shared, _subscription: subscription }
    }
}

/// Events of one type; made by [`Bus::stream`]. Dropping it unsubscribes.
#[must_use = "a stream does nothing unless it is polled"]
pub struct EventStream<E> {
    shared: Arc<Shared<E>>,
    _subscription: Subscription,
}

impl<E> Stream for EventStream<E> {
    type Item = Result<E, Lagged>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let waker = cx.waker().clone();
        let mut ring = self.shared.ring.lock();
        if ring.lost > 0 {
            return Poll::Ready(Some(Err(Lagged(std::mem::take(&mut ring.lost)))));
        }
        if let Some(event) = ring.events.pop_front() {
            return Poll::Ready(Some(Ok(event)));
        }
        if ring.ended {
            return Poll::Ready(None);
        }
        let replaced = ring.waker.replace(waker);
        drop(ring);
        drop(replaced);
        Poll::Pending
    }
}

impl<E> fmt::Debug for EventStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}

struct Shared<E> {
    ring: Mutex<Ring<E>>,
}

struct Ring<E> {
    events: VecDeque<E>,
    /// How many events were dropped since the reader was last told.
    lost: u64,
    /// Set when nobody can send any more.
    ended: bool,
    /// The reader, if it waits.
    waker: Option<Waker>,
}

impl<E> Default for Ring<E> {
    fn default() -> Self {
        Self { events: VecDeque::new(), lost: 0, ended: false, waker: None }
    }
}

/// The listener's end; the stream ends when it is dropped.
struct Sender<E> {
    shared: Weak<Shared<E>>,
}

impl<E: Clone> Sender<E> {
    fn send(&self, event: &E) {
        let Some(shared) = self.shared.upgrade() else { return };
        let event = event.clone();
        let mut ring = shared.ring.lock();
        let oldest = if ring.events.len() == BOUND { ring.events.pop_front() } else { None };
        ring.lost += u64::from(oldest.is_some());
        ring.events.push_back(event);
        let waker = ring.waker.take();
        drop(ring);
        // The event's drop and the waker are users' code.
        drop(oldest);
        wake(waker);
    }
}

impl<E> Drop for Sender<E> {
    fn drop(&mut self) {
        let Some(shared) = self.shared.upgrade() else { return };
        let mut ring = shared.ring.lock();
        ring.ended = true;
        let waker = ring.waker.take();
        drop(ring);
        wake(waker);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        isolated(&"a reader's waker", || waker.wake());
    }
}
