//! A bounded channel from callbacks to one async reader, which may be slower than the
//! callbacks: the channel drops the oldest items, and reports their number to the reader.
//!
//! The channel does not know the type of its items. `tokio::sync::broadcast` would do
//! nearly the same, but clones and drops its items under its own lock.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::error::Lagged;
use crate::isolate::isolated;
use crate::subscription::Subscription;
use crate::sync::Mutex;
#[cfg(feature = "metrics")]
use crate::sync::{StaticCounter, atomic::Ordering};

/// A channel in which at most `bound` items wait.
pub(crate) fn channel<V>(bound: usize) -> (Sender<V>, Receiver<V>) {
    let ring = Buffer {
        items: VecDeque::new(),
        bound,
        lost: 0,
        ended: false,
        is_abandoned: false,
        waker: None,
    };
    let shared = Arc::new(Mutex::new(ring));
    (Sender { shared: Arc::clone(&shared) }, Receiver { shared })
}

/// The number of items that all readers of the process have lost.
#[cfg(feature = "metrics")]
static LAGGED: StaticCounter = StaticCounter::new(0);

#[cfg(feature = "metrics")]
pub(crate) fn lagged() -> u64 {
    LAGGED.load(Ordering::Relaxed)
}

struct Buffer<V> {
    items: VecDeque<V>,
    bound: usize,
    /// The number of dropped items that is not reported to the reader yet.
    lost: u64,
    /// Set once no sender is left.
    ended: bool,
    /// Set once the reader is dropped.
    is_abandoned: bool,
    /// The reader, if it waits.
    waker: Option<Waker>,
}

impl<V> Buffer<V> {
    /// The next item, if there is one or the stream has ended.
    fn take(&mut self) -> Poll<Option<Result<V, Lagged>>> {
        if self.lost > 0 {
            return Poll::Ready(Some(Err(Lagged(std::mem::take(&mut self.lost)))));
        }
        match self.items.pop_front() {
            Some(item) => Poll::Ready(Some(Ok(item))),
            None if self.ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

/// The callback's end; the stream ends when it is dropped.
pub(crate) struct Sender<V> {
    shared: Arc<Mutex<Buffer<V>>>,
}

impl<V> Sender<V> {
    pub(crate) fn send(&self, item: V) {
        let mut ring = self.shared.lock();
        if ring.is_abandoned {
            drop(ring);
            return drop(item);
        }
        let oldest = if ring.items.len() == ring.bound { ring.items.pop_front() } else { None };
        ring.lost += u64::from(oldest.is_some());
        #[cfg(feature = "metrics")]
        LAGGED.fetch_add(u64::from(oldest.is_some()), Ordering::Relaxed);
        ring.items.push_back(item);
        let waker = ring.waker.take();
        drop(ring);
        // The item's drop and the waker are users' code.
        drop(oldest);
        wake(waker);
    }
}

impl<V> Drop for Sender<V> {
    fn drop(&mut self) {
        let mut ring = self.shared.lock();
        ring.ended = true;
        let waker = ring.waker.take();
        drop(ring);
        wake(waker);
    }
}

#[inline]
fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        isolated(&"a reader's waker", || waker.wake());
    }
}

/// The reader's end.
pub(crate) struct Receiver<V> {
    shared: Arc<Mutex<Buffer<V>>>,
}

impl<V> Receiver<V> {
    /// The next item, or the number of items that were lost before it.
    fn poll_item(&self, cx: &mut Context<'_>) -> Poll<Option<Result<V, Lagged>>> {
        if let Poll::Ready(item) = self.shared.lock().take() {
            return Poll::Ready(item);
        }
        // Cloning and dropping a waker is users' code, so both are done outside.
        let waker = cx.waker().clone();
        let mut ring = self.shared.lock();
        if let Poll::Ready(item) = ring.take() {
            return Poll::Ready(item);
        }
        let replaced = ring.waker.replace(waker);
        drop(ring);
        drop(replaced);
        Poll::Pending
    }
}

impl<V> Drop for Receiver<V> {
    /// Drops the waiting items, which are users' values, outside of the lock.
    fn drop(&mut self) {
        let mut ring = self.shared.lock();
        ring.is_abandoned = true;
        let _left = (std::mem::take(&mut ring.items), ring.waker.take());
        drop(ring);
    }
}

/// A subscription as a stream of every item. If the reader is slow, [`Lagged`] takes the
/// place of lost items. Dropping the stream unsubscribes.
///
/// Returned by `changes()` and [`Bus::stream`](crate::Bus::stream); needs no async runtime.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// # pollster::block_on(async {
/// use futures_util::StreamExt;
///
/// let mut changes = tv.changes();
/// tv.set(Tv::PATHS.position, 7);
/// drop(tv); // ends the stream, behind what waits in it
/// while let Some(item) = changes.next().await {
///     match item {
///         Ok(commit) => println!("version {}", commit.version()),
///         Err(lagged) => eprintln!("{lagged}"), // read the state again
///     }
/// }
/// # });
/// ```
#[must_use = "a stream does nothing unless it is polled"]
pub struct EventStream<V> {
    receiver: Receiver<V>,
    _subscription: Subscription,
}

impl<V> EventStream<V> {
    pub(crate) fn new(receiver: Receiver<V>, subscription: Subscription) -> Self {
        Self { receiver, _subscription: subscription }
    }
}

impl<V> Stream for EventStream<V> {
    type Item = Result<V, Lagged>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_item(cx)
    }
}

impl<V> fmt::Debug for EventStream<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}

/// A subscription as a stream of the latest item; a slow reader skips items. Dropping the
/// stream unsubscribes.
///
/// Returned by `watch`; needs no async runtime.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// # pollster::block_on(async {
/// use futures_util::StreamExt;
///
/// let mut urls = tv.watch(Tv::PATHS.url);
/// drop(tv); // ends the stream, behind the present value
/// assert_eq!(urls.next().await, Some(None));
/// assert_eq!(urls.next().await, None);
/// # });
/// ```
#[must_use = "a stream does nothing unless it is polled"]
pub struct WatchStream<V> {
    receiver: Receiver<V>,
    _subscription: Subscription,
}

impl<V> WatchStream<V> {
    pub(crate) fn new(receiver: Receiver<V>, subscription: Subscription) -> Self {
        Self { receiver, _subscription: subscription }
    }
}

impl<V> Stream for WatchStream<V> {
    type Item = V;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<V>> {
        loop {
            match std::task::ready!(self.receiver.poll_item(cx)) {
                Some(Ok(item)) => return Poll::Ready(Some(item)),
                Some(Err(Lagged(_))) => {}
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<V> fmt::Debug for WatchStream<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchStream").finish_non_exhaustive()
    }
}
