//! Users' code at the worst moments: in drops, hashes and comparisons, under locks and
//! while a panic unwinds.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use sprag::prelude::*;
use test_support::within;

use crate::domain::*;

/// Runs `f` on another thread and waits for it: it hangs where a lock is held.
pub(crate) fn elsewhere<U: Send>(f: impl FnOnce() -> U + Send) -> U {
    std::thread::scope(|scope| scope.spawn(f).join().unwrap())
}

/// Runs a function when it is dropped.
pub(crate) struct OnDrop<F: Fn()>(pub(crate) F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn bomb() -> OnDrop<impl Fn() + Send + Sync> {
    OnDrop(|| assert!(std::thread::panicking(), "in the drop of a selector"))
}

#[test]
fn i5_a_selector_that_panics_when_dropped_stops_no_delivery() {
    within(LIMIT, || {
        let tv = tv();
        let own: Arc<Mutex<Option<Subscription>>> = Arc::default();
        let (bomb, guard) = (bomb(), Arc::clone(&own));
        let selector = move |tv: &Tv| {
            let _captured = &bomb;
            tv.casting
        };
        // The round that delivers it holds the last reference to the selector.
        *own.lock().unwrap() =
            Some(tv.subscribe(selector, move |_, _| drop(guard.lock().unwrap().take())));
        let seen = Log::default();
        let log = seen.clone();
        let _other = tv.subscribe(Tv::PATHS.casting, move |on, _| log.push(*on));

        tv.set(Tv::PATHS.casting, true);
        tv.set(Tv::PATHS.casting, false);
        tv.flush();

        assert_eq!(seen.take(), [true, false]);
    });
}

#[test]
fn i5_a_selector_that_panics_when_dropped_does_not_unwind_its_guards_drop() {
    let tv = tv();
    let subscribe = || {
        let bomb = bomb();
        tv.subscribe(
            Tv::PATHS.casting.map(move |on| {
                let _captured = &bomb;
                *on
            }),
            |_, _| {},
        )
    };

    drop(subscribe());
    let _kept = (subscribe(), subscribe());
    tv.destroy();
}

#[test]
fn i3_a_selector_is_not_evaluated_after_its_guard_is_dropped() {
    let tv = tv();
    let asked = Arc::new(AtomicU32::new(0));
    let (count, victim) = (Arc::clone(&asked), Arc::new(Mutex::new(None)));
    let guard = Arc::clone(&victim);
    let _first = tv.subscribe(Tv::PATHS.casting, move |_, change| {
        change.model().set(Tv::PATHS.playback.position, 1);
        drop(guard.lock().unwrap().take());
    });
    let selector = Tv::PATHS.playback.position.map(move |n| {
        count.fetch_add(1, Ordering::Relaxed);
        *n
    });
    *victim.lock().unwrap() = Some(tv.subscribe(selector, |_, _| {}));
    assert_eq!(asked.swap(0, Ordering::Relaxed), 1, "it learns what to compare with");

    tv.set(Tv::PATHS.casting, true);

    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_model_may_be_touched_while_a_threads_locals_are_torn_down() {
    within(LIMIT, || {
        struct Last(Option<Box<dyn FnOnce()>>);
        impl Drop for Last {
            fn drop(&mut self) {
                if let Some(last) = self.0.take() {
                    last();
                }
            }
        }
        thread_local! {
            static LAST: std::cell::RefCell<Last> = const { std::cell::RefCell::new(Last(None)) };
        }
        let tv = tv();
        let calls = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&calls);
        let _casting = tv.subscribe(Tv::PATHS.casting, move |_, _| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let (locked, at_lock) = mpsc::channel::<()>();
        let (near, at_end) = mpsc::channel::<()>();

        let thread = std::thread::spawn({
            let tv = tv.clone();
            move || {
                let last = tv.clone();
                // Registered before the cell's own destructors, so it is torn down after them.
                LAST.with_borrow_mut(|slot| {
                    slot.0 = Some(Box::new(move || {
                        at_lock.recv().unwrap();
                        near.send(()).unwrap();
                        last.set(Tv::PATHS.casting, true);
                    }));
                });
                tv.update(|tv| tv.playback.position = 1);
            }
        });
        while tv.version() == 0 {
            std::thread::yield_now();
        }
        tv.update(|tv| {
            locked.send(()).unwrap();
            at_end.recv().unwrap();
            // Time for the other thread to find the lock taken.
            for _ in 0..10_000 {
                std::thread::yield_now();
            }
            tv.playback.position = 2;
        });
        thread.join().unwrap();
        tv.flush();

        assert!(tv.get(Tv::PATHS.casting));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn i3_destroying_while_others_write_and_deliver_ends_everything() {
    within(LIMIT, || {
        for _ in 0..100 {
            let tv = tv();
            let captured = Arc::new(());
            let destroyed = AtomicBool::new(false);
            let held = Arc::clone(&captured);
            tv.subscribe(Tv::PATHS.playback.position, move |_, _| drop(Arc::clone(&held))).detach();
            let held = Arc::clone(&captured);
            tv.subscribe(|tv: &Tv| tv.playback.position, move |_, _| drop(Arc::clone(&held)))
                .detach();

            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        for _ in 0..200 {
                            tv.update_at(Tv::PATHS.playback.position, |n| *n += 1);
                        }
                    });
                }
                scope.spawn(|| {
                    while !destroyed.load(Ordering::Relaxed) {
                        drop(tv.subscribe_now(Tv::PATHS.playback.position, |_, _| {}));
                    }
                });
                tv.destroy();
                destroyed.store(true, Ordering::Relaxed);
            });
            tv.flush();

            assert_eq!(Arc::strong_count(&captured), 1);
            assert_eq!(tv.version(), 400);
        }
    });
}
