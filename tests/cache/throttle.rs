//! C9: a throttle, which limits how often busy state makes a cache compute.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use sprag::cache::{CacheBuilder, ManualClock};
use sprag::prelude::*;

use crate::support::*;

const THROTTLE: Duration = Duration::from_millis(100);
const MOMENT: Duration = Duration::from_nanos(1);

struct Busy {
    bus: Bus,
    clock: ManualClock,
    truth: Arc<AtomicU64>,
}

impl Busy {
    fn new() -> Self {
        Self { bus: Bus::new(), clock: ManualClock::new(), truth: Arc::default() }
    }

    fn cache(&self, name: &str) -> CacheBuilder<Cache<u64>> {
        cache(&self.bus, name).clock(self.clock.clone())
    }

    fn throttled(&self) -> Cache<u64> {
        self.cache("throttled").depends_on::<MountChanged>().throttle(THROTTLE).build().unwrap()
    }

    fn change(&self) {
        self.truth.fetch_add(1, Ordering::SeqCst);
        self.bus.emit(MountChanged);
    }

    fn truth(&self) -> u64 {
        self.truth.load(Ordering::SeqCst)
    }
}

#[test]
fn c9_a_busy_state_makes_one_computation_in_each_time() {
    let busy = Busy::new();
    let cache = busy.throttled();
    let events = Arc::new(AtomicU64::new(0));
    let _counting = cache.on_invalidate({
        let events = events.clone();
        move |_| _ = events.fetch_add(1, Ordering::SeqCst)
    });

    for millisecond in 0..1_000 {
        let value = cache.get_or_compute(|| busy.truth());
        assert!(busy.truth() - value <= 100, "at most 100 ms old");
        assert_eq!(cache.get(), Some(value), "at {millisecond} ms");
        busy.change();
        busy.clock.advance(Duration::from_millis(1));
    }

    assert_eq!(cache.stats().computations, 10);
    assert_eq!(events.load(Ordering::SeqCst), 1_000, "listeners are notified at once");
    busy.clock.advance(THROTTLE);
    assert_eq!(cache.get(), None);
    assert_eq!(cache.get_or_compute(|| busy.truth()), 1_000, "the last change is seen");
    busy.clock.advance(Duration::MAX);
    assert_eq!(cache.get(), Some(1_000), "a value that is not invalidated stays");
}

#[test]
fn c9_an_invalidation_after_the_time_is_not_delayed() {
    let busy = Busy::new();
    let cache = busy.throttled();
    cache.get_or_compute(|| 1);
    busy.clock.advance(THROTTLE);

    busy.change();

    assert_eq!(cache.get(), None);
}

#[test]
fn c9_c2_a_computation_that_is_invalidated_serves_for_the_rest_of_the_time() {
    let busy = Busy::new();
    let cache = busy.throttled();

    let value = cache.get_or_compute(|| {
        busy.change();
        7
    });

    assert_eq!((value, cache.get()), (7, Some(7)));
    busy.clock.advance(THROTTLE - MOMENT);
    assert_eq!(cache.get(), Some(7));
    busy.clock.advance(MOMENT);
    assert_eq!(cache.get(), None);
}

#[test]
fn c9_c2_a_computation_that_outlasts_the_time_is_not_joined_and_not_stored() {
    let busy = Busy::new();
    let cache = busy.throttled();
    let (send, receive) = tokio::sync::oneshot::channel();
    let mut late = pin!(cache.get_or_compute_async(|| async { receive.await.unwrap() }));
    assert!(poll(late.as_mut()).is_pending());
    busy.change();
    {
        let mut joins = pin!(cache.get_or_compute_async(async || unreachable!("within the time")));
        assert!(poll(joins.as_mut()).is_pending());
    }

    busy.clock.advance(THROTTLE);
    assert_eq!(cache.get_or_compute(|| busy.truth()), 1);
    send.send(0).unwrap();

    assert_eq!(poll(late.as_mut()), Poll::Ready(0));
    assert_eq!(cache.get(), Some(1));
}

#[test]
fn c9_c8_a_value_computed_from_a_throttled_one_expires_with_it() {
    let busy = Busy::new();
    let upstream = busy.throttled();
    let middle = busy.cache("middle").depends_on_cache(&upstream).build().unwrap();
    let keyed = create_keyed_cache::<u64, u64>("keyed").bus(&busy.bus).clock(busy.clock.clone());
    let keyed = keyed.depends_on_cache(&upstream).build().unwrap();
    let top = busy.cache("top").depends_on_cache(&middle).build().unwrap();
    let read = || {
        let upstream = || upstream.get_or_compute(|| busy.truth());
        let top = top.get_or_compute(|| middle.get_or_compute(upstream));
        (top, keyed.get_or_compute(&1, upstream))
    };

    assert_eq!(read(), (0, 0));
    busy.change();
    assert_eq!((middle.get(), keyed.get(&1), top.get()), (None, None, None));
    assert_eq!(read(), (0, 0), "the upstream still serves its value");
    busy.clock.advance(THROTTLE - MOMENT);
    assert_eq!((middle.get(), keyed.get(&1), top.get()), (Some(0), Some(0), Some(0)));
    busy.clock.advance(MOMENT);
    assert_eq!(read(), (1, 1), "no value outlives the upstream's");
    busy.clock.advance(Duration::MAX);
    assert_eq!(read(), (1, 1), "and then they stay");
    assert_eq!(top.stats().computations, 3);
}

impl Busy {
    fn entries(&self) -> KeyedCache<u32, u64> {
        let entries = create_keyed_cache::<u32, u64>("entries").bus(&self.bus).throttle(THROTTLE);
        let entries = entries.depends_on::<MountChanged>().clock(self.clock.clone());
        entries.build().unwrap()
    }
}

type Invalidation = fn(&Busy, &KeyedCache<u32, u64>);

/// Calls that invalidate the entry 1, and perhaps others.
const INVALIDATIONS: [Invalidation; 3] = [
    |_, entries| entries.invalidate(&1),
    |_, entries| entries.invalidate_all(),
    |busy, _| busy.bus.emit(MountChanged),
];

#[test]
fn c9_each_entry_is_throttled_by_its_own_computation() {
    for invalidate in INVALIDATIONS {
        let busy = Busy::new();
        let entries = busy.entries();
        entries.get_or_compute(&2, || 20);
        busy.clock.advance(THROTTLE / 2);
        entries.get_or_compute(&1, || 10);

        invalidate(&busy, &entries);
        entries.invalidate(&2);

        busy.clock.advance(THROTTLE / 2 - MOMENT);
        assert_eq!((entries.get(&1), entries.get(&2)), (Some(10), Some(20)));
        busy.clock.advance(MOMENT);
        assert_eq!((entries.get(&1), entries.get(&2)), (Some(10), None));
        assert_eq!(entries.get_or_compute(&2, || 21), 21);
        busy.clock.advance(THROTTLE / 2);
        assert_eq!((entries.get(&1), entries.get(&2)), (None, Some(21)));
        assert_eq!(entries.get_or_compute(&1, || 11), 11);
        busy.clock.advance(Duration::MAX);
        assert_eq!((entries.get(&1), entries.get(&2)), (Some(11), Some(21)), "and then they stay");
    }
}

#[test]
fn c9_c2_an_entry_that_is_invalidated_while_it_is_computed_serves_for_the_rest_of_the_time() {
    for invalidate in INVALIDATIONS {
        let busy = Busy::new();
        let entries = busy.entries();
        let (send, receive) = tokio::sync::oneshot::channel();
        let mut leader =
            pin!(entries.get_or_compute_async(&1, || async { receive.await.unwrap() }));
        assert!(poll(leader.as_mut()).is_pending());
        invalidate(&busy, &entries);
        let mut joins = pin!(entries.get_or_compute_async(&1, async || unreachable!("it joins")));
        assert!(poll(joins.as_mut()).is_pending());

        send.send(7).unwrap();

        assert_eq!((poll(leader.as_mut()), poll(joins.as_mut())), (Poll::Ready(7), Poll::Ready(7)));
        busy.clock.advance(THROTTLE - MOMENT);
        assert_eq!(entries.get(&1), Some(7));
        busy.clock.advance(MOMENT);
        assert_eq!(entries.get(&1), None);
    }
}

#[test]
fn c9_c2_an_entry_whose_computation_outlasts_the_time_is_not_joined_and_not_stored() {
    for invalidate in INVALIDATIONS {
        let busy = Busy::new();
        let entries = busy.entries();
        let (send, receive) = tokio::sync::oneshot::channel();
        let mut late = pin!(entries.get_or_compute_async(&1, || async { receive.await.unwrap() }));
        assert!(poll(late.as_mut()).is_pending());
        invalidate(&busy, &entries);

        busy.clock.advance(THROTTLE);
        assert_eq!(entries.get_or_compute(&1, || 1), 1);
        send.send(0).unwrap();

        assert_eq!(poll(late.as_mut()), Poll::Ready(0));
        assert_eq!(entries.get(&1), Some(1));
    }
}

#[test]
fn c9_c8_a_value_computed_from_a_throttled_entry_expires_with_it() {
    for invalidate in INVALIDATIONS {
        let busy = Busy::new();
        let entries = busy.entries();
        let top = busy.cache("top").depends_on_cache(&entries).build().unwrap();
        let read = |value| top.get_or_compute(|| entries.get_or_compute(&1, || value));

        assert_eq!(read(1), 1);
        invalidate(&busy, &entries);
        assert_eq!((top.get(), read(2)), (None, 1), "the entry still serves its value");
        busy.clock.advance(THROTTLE - MOMENT);
        assert_eq!(top.get(), Some(1));
        busy.clock.advance(MOMENT);
        assert_eq!((top.get(), read(3)), (None, 3));
        busy.clock.advance(Duration::MAX);
        assert_eq!(top.get(), Some(3));
    }
}

#[test]
fn c9_an_entry_that_is_invalidated_at_the_end_of_its_time_leaves_at_once() {
    let busy = Busy::new();
    let entries = busy.entries();
    entries.get_or_compute(&1, || 1);
    busy.clock.advance(THROTTLE);
    entries.invalidate(&1);
    assert_eq!((entries.get(&1), entries.len()), (None, 0));
}

#[test]
fn c9_set_and_destroy_of_entries_are_not_delayed() {
    let busy = Busy::new();
    let entries = busy.entries();
    entries.get_or_compute(&1, || 1);

    entries.set(1, 2);
    assert_eq!(entries.get(&1), Some(2));
    entries.invalidate(&1);
    assert_eq!(entries.get(&1), None, "a value that was set was not computed");
    entries.get_or_compute(&1, || 3);
    entries.destroy();
    assert_eq!((entries.get(&1), entries.len()), (None, 0));
}

#[test]
fn c9_set_and_destroy_are_not_delayed() {
    let busy = Busy::new();
    let cache = busy.throttled();
    cache.get_or_compute(|| 1);

    cache.set(2);
    assert_eq!(cache.get(), Some(2));
    cache.invalidate();
    assert_eq!(cache.get(), None, "a value that was set was not computed");
    cache.get_or_compute(|| 3);
    cache.destroy();
    assert_eq!(cache.get(), None);
}

#[test]
fn c9_a_failed_computation_does_not_count() {
    let busy = Busy::new();
    let cache = busy.throttled();

    assert!(cache.try_get_or_compute(|| Err(Unplugged)).is_err());
    assert_eq!(cache.try_get_or_compute(|| Ok::<_, Unplugged>(1)).unwrap(), 1);
}
