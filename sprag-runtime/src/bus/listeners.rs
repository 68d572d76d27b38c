//! [`EventListeners`]: a list of listeners that is read without a lock and replaced when it
//! changes.
//!
//! The list is in chunks, so that a change copies one chunk and the list of chunks
//! rather than every listener.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use crate::isolate::isolated;
use crate::sync::atomic::{AtomicBool, Ordering};

/// How many listeners a chunk holds at most.
const CHUNK: usize = 256;

pub(super) struct EventListeners<E> {
    list: ArcSwap<ListenerList<E>>,
}

impl<E> EventListeners<E> {
    /// Returns a snapshot of the listeners.
    pub(super) fn load(&self) -> Guard<Arc<ListenerList<E>>> {
        self.list.load()
    }

    /// Appends a listener. The caller holds the bus's lock, and drops the returned list
    /// after unlock.
    pub(super) fn push(
        &self,
        key: u64,
        once: Once,
        call: Box<ListenerFn<E>>,
    ) -> ReplacedListeners<E> {
        let listener =
            Arc::new(Listener { key, once, alive: AtomicBool::new(true), call: Some(call) });
        let now = self.load();
        let mut chunks = now.chunks.clone();
        match chunks.last_mut() {
            Some(last) if last.len() < CHUNK => {
                *last = last.iter().cloned().chain([listener]).collect();
            }
            _ => chunks.push(Arc::new([listener])),
        }
        self.replace(chunks, now.len + 1)
    }

    /// Removes the listener `key` and marks it dead, so that a walk over an older list
    /// skips it. Locks and drops as for [`push`](Self::push).
    pub(super) fn remove(&self, key: u64) -> Option<ReplacedListeners<E>> {
        let now = self.load();
        let at = now.chunks.partition_point(|chunk| chunk[chunk.len() - 1].key < key);
        let chunk = now.chunks.get(at)?;
        let index = chunk.binary_search_by_key(&key, |listener| listener.key).ok()?;
        chunk[index].alive.store(false, Ordering::Release);
        let mut chunks = now.chunks.clone();
        if chunk.len() == 1 {
            chunks.remove(at);
        } else {
            let others = chunk.iter().enumerate().filter(|(i, _)| *i != index);
            chunks[at] = others.map(|(_, listener)| listener.clone()).collect();
        }
        Some(self.replace(chunks, now.len - 1))
    }

    fn replace(&self, chunks: Vec<Chunk<E>>, len: usize) -> ReplacedListeners<E> {
        ReplacedListeners { _list: self.list.swap(Arc::new(ListenerList { chunks, len })) }
    }
}

impl<E> Default for EventListeners<E> {
    fn default() -> Self {
        Self { list: ArcSwap::from_pointee(ListenerList { chunks: Vec::new(), len: 0 }) }
    }
}

/// A list that another one has replaced. Dropping it may drop listeners.
#[must_use = "drop it after unlock"]
pub(super) struct ReplacedListeners<E> {
    _list: Arc<ListenerList<E>>,
}

pub(super) type Chunk<E> = Arc<[Arc<Listener<E>>]>;

pub(super) struct ListenerList<E> {
    /// In order of the keys, which is the order of subscription. No chunk is empty.
    chunks: Vec<Chunk<E>>,
    len: usize,
}

impl<E> ListenerList<E> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the listeners, in order of subscription.
    pub(super) fn chunks(&self) -> &[Chunk<E>] {
        &self.chunks
    }
}

/// Whether a listener is called at most once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Once {
    Yes,
    No,
}

type ListenerFn<E> = dyn Fn(&E) + Send + Sync;

pub(super) struct Listener<E> {
    key: u64,
    once: Once,
    /// False once the listener is unsubscribed, or once a thread has claimed the call of
    /// a `once`.
    alive: AtomicBool,
    /// Set until the listener is dropped.
    call: Option<Box<ListenerFn<E>>>,
}

impl<E> Listener<E> {
    /// Claims a call, unless the listener is dead. One call of a `once` succeeds.
    #[inline]
    pub(super) fn try_claim(&self) -> bool {
        match self.once {
            Once::No => self.alive.load(Ordering::Acquire),
            Once::Yes => self.alive.swap(false, Ordering::AcqRel),
        }
    }

    pub(super) fn is_once(&self) -> bool {
        self.once == Once::Yes
    }

    pub(super) fn key(&self) -> u64 {
        self.key
    }

    #[inline]
    pub(super) fn call(&self, event: &E) {
        if let Some(call) = &self.call {
            call(event);
        }
    }
}

impl<E> Drop for Listener<E> {
    /// Drops the user's captures in isolation: their drop may panic, and any thread may
    /// hold the last reference.
    fn drop(&mut self) {
        let call = self.call.take();
        isolated(&"the drop of a listener", || drop(call));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// An event that notes the keys of its listeners.
    type Keys = RefCell<Vec<u64>>;

    fn push(listeners: &EventListeners<Keys>, key: u64, once: Once) {
        drop(listeners.push(key, once, Box::new(move |keys: &Keys| keys.borrow_mut().push(key))));
    }

    /// The keys of the listeners that an event reaches, in order.
    fn reached(list: &ListenerList<Keys>) -> Vec<u64> {
        let keys = Keys::default();
        for listener in list.chunks().iter().flat_map(|chunk| chunk.iter()) {
            if listener.try_claim() {
                listener.call(&keys);
            }
        }
        keys.into_inner()
    }

    #[test]
    fn i3_the_listeners_that_are_subscribed_are_reached_in_order() {
        let (listeners, count) = (EventListeners::default(), 2 * CHUNK as u64 + 9);
        (0..count).for_each(|key| push(&listeners, key, Once::No));
        let (mut left, earlier) = ((0..count).collect::<Vec<u64>>(), listeners.load());
        assert_eq!(earlier.chunks().len(), 3, "a change copies a part of the listeners");
        let mut random = fastrand::Rng::with_seed(7);
        while !left.is_empty() {
            let list = listeners.load();
            assert_eq!((reached(&list), list.len()), (left.clone(), left.len()));
            assert!(list.chunks().iter().all(|chunk| (1..=CHUNK).contains(&chunk.len())));
            for _ in 0..left.len().min(50) {
                let key = left.remove(random.usize(..left.len()));
                assert!(listeners.remove(key).is_some() && listeners.remove(key).is_none());
            }
        }
        assert!(listeners.load().is_empty() && listeners.load().chunks().is_empty());
        assert!(reached(&earlier).is_empty(), "an older list has none that left");
        assert!(listeners.remove(count).is_none());
    }

    #[test]
    fn i3_a_listener_of_one_event_is_reached_once() {
        let listeners = EventListeners::default();
        push(&listeners, 0, Once::Yes);
        push(&listeners, 1, Once::No);

        let list = listeners.load();
        assert!(
            !list.is_empty() && list.chunks()[0][0].is_once() && !list.chunks()[0][1].is_once()
        );
        assert_eq!([reached(&list), reached(&list)], [vec![0, 1], vec![1]]);
    }
}
