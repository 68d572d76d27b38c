//! [`StreamSignal`]: the one waker of a stream; [`Followers`]: the signals of the streams that
//! follow a state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

/// How many streams are woken between two takes of the lock.
const BATCH: usize = 32;

/// Wakes a stream that waits: for a commit of any of its stores, a request of its page, or its
/// end. The sources share the signal, so that a wait registers one waker and allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct StreamSignal {
    is_raised: AtomicBool,
    is_ended: AtomicBool,
    waker: AtomicWaker,
}

impl StreamSignal {
    /// Wakes the stream.
    pub(crate) fn raise(&self) {
        if let Some(waker) = self.raised() {
            waker.wake();
        }
    }

    /// Ends the stream.
    pub(crate) fn end(&self) {
        self.is_ended.store(true, Ordering::Release);
        self.raise();
    }

    /// Whether the stream must end.
    pub(crate) fn is_ended(&self) -> bool {
        self.is_ended.load(Ordering::Acquire)
    }

    /// Ready once after each series of raises.
    pub(crate) fn poll_raised(&self, context: &Context<'_>) -> Poll<()> {
        if self.is_raised.swap(false, Ordering::AcqRel) {
            return Poll::Ready(());
        }
        self.waker.register(context.waker());
        // A raise between the two lines above has found no waker.
        if self.is_raised.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Raises the signal; returns the waker, which must be called outside of locks.
    fn raised(&self) -> Option<Waker> {
        self.is_raised.store(true, Ordering::Release);
        self.waker.take()
    }
}

/// The streams that follow a state.
#[derive(Default)]
pub(crate) struct Followers(Mutex<FollowerSlots>);

#[derive(Default)]
struct FollowerSlots {
    signals: Vec<Option<Arc<StreamSignal>>>,
    free: Vec<usize>,
}

impl Followers {
    /// Adds a stream; returns its slot.
    pub(crate) fn join(&self, signal: Arc<StreamSignal>) -> usize {
        let mut slots = self.0.lock();
        let Some(slot) = slots.free.pop() else {
            slots.signals.push(Some(signal));
            return slots.signals.len() - 1;
        };
        slots.signals[slot] = Some(signal);
        slot
    }

    /// Removes the stream of a slot.
    pub(crate) fn leave(&self, slot: usize) {
        let signal = {
            let mut slots = self.0.lock();
            slots.free.push(slot);
            slots.signals[slot].take()
        };
        // The last signal drops a waker.
        drop(signal);
    }

    /// Wakes all streams.
    pub(crate) fn raise(&self) {
        let mut from = 0;
        loop {
            let mut wakers = [const { None }; BATCH];
            {
                let slots = self.0.lock();
                let Some(signals) = slots.signals.get(from..).filter(|rest| !rest.is_empty())
                else {
                    return;
                };
                for (waker, signal) in wakers.iter_mut().zip(signals) {
                    *waker = signal.as_ref().and_then(|signal| signal.raised());
                }
            }
            wakers.into_iter().flatten().for_each(Waker::wake);
            from += BATCH;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn w2_a_raise_before_a_wait_ends_the_wait_and_one_within_it_wakes_once() {
        let (signal, count) = (StreamSignal::default(), Arc::new(Wakes::default()));
        let waker = Waker::from(Arc::clone(&count));
        let context = Context::from_waker(&waker);
        signal.raise();
        signal.raise();
        assert_eq!(signal.poll_raised(&context), Poll::Ready(()));
        assert_eq!(signal.poll_raised(&context), Poll::Pending);
        signal.raise();
        signal.raise();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert_eq!(signal.poll_raised(&context), Poll::Ready(()));
    }

    #[test]
    fn w2_every_follower_is_woken_and_slots_are_used_again() {
        let (followers, count) = (Followers::default(), Arc::new(Wakes::default()));
        let waker = Waker::from(Arc::clone(&count));
        let context = Context::from_waker(&waker);
        let signals: Vec<_> = (0..3 * BATCH + 1).map(|_| Arc::<StreamSignal>::default()).collect();
        let wait = || signals.iter().all(|signal| signal.poll_raised(&context).is_pending());
        let slots: Vec<_> =
            signals.iter().map(|signal| followers.join(Arc::clone(signal))).collect();
        assert!(wait());
        followers.raise();
        assert_eq!(count.0.load(Ordering::Relaxed), signals.len());
        followers.leave(slots[BATCH]);
        followers.raise();
        assert!(signals[BATCH].poll_raised(&context).is_ready());
        assert_eq!(followers.join(Arc::clone(&signals[BATCH])), slots[BATCH]);
        assert_eq!(Arc::strong_count(&signals[0]), 2);
    }
}
