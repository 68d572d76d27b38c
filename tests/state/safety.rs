//! Users' code in callbacks, under the lock and in drops, and the state after a panic.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::time::Duration;

use sprag::prelude::*;
use test_support::within;

use crate::domain::*;

/// Runs `f` on another thread and waits for it: it hangs where a lock is held.
fn elsewhere<U: Send>(f: impl FnOnce() -> U + Send) -> U {
    std::thread::scope(|scope| scope.spawn(f).join().unwrap())
}

#[test]
fn i2_no_lock_is_held_in_subscribers_selectors_and_reads() {
    within(LIMIT, || {
        let tv = tv();
        let calls = Arc::new(AtomicU32::new(0));
        let touch = || {
            let (tv, calls, once) = (tv.downgrade(), Arc::clone(&calls), AtomicBool::new(false));
            move || {
                if once.swap(true, Ordering::Relaxed) {
                    return;
                }
                if let Some(tv) = tv.upgrade() {
                    elsewhere(|| tv.update_at(Tv::PATHS.labels, |labels| labels.clear()));
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        let (place, closure, map, drops) = (touch(), touch(), touch(), touch());
        struct OnDrop<F: Fn()>(F);
        impl<F: Fn()> Drop for OnDrop<F> {
            fn drop(&mut self) {
                (self.0)();
            }
        }
        let on_drop = OnDrop(drops);
        let subscriptions = [
            tv.subscribe(Tv::PATHS.casting, move |_, _| place()),
            tv.subscribe(
                move |tv: &Tv| {
                    if tv.casting {
                        closure();
                    }
                    tv.casting
                },
                |_, _| {},
            ),
            tv.subscribe(
                Tv::PATHS.casting.map(move |on| {
                    if *on {
                        map();
                    }
                    *on
                }),
                move |_, _| {
                    let _held = &on_drop;
                },
            ),
        ];

        tv.set(Tv::PATHS.casting, true);
        tv.flush();
        tv.read(|_| elsewhere(|| tv.set(Tv::PATHS.playback.position, 1)));
        drop(subscriptions);

        assert_eq!(calls.load(Ordering::Relaxed), 4);
    });
}

/// A value whose drop touches the model that it was in, from another thread.
#[derive(Clone, Default)]
struct Touchy(Option<Arc<OnceLock<Model<Holder>>>>);

impl PartialEq for Touchy {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

impl std::fmt::Debug for Touchy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Touchy")
    }
}

static DROPPED: AtomicU32 = AtomicU32::new(0);

impl Drop for Touchy {
    fn drop(&mut self) {
        if let Some(model) = self.0.as_ref().and_then(|model| model.get()) {
            elsewhere(|| model.set(Holder::PATHS.number, 1));
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Holder {
    number: u32,
    #[model(leaf)]
    touchy: Touchy,
    by_key: std::collections::BTreeMap<u32, Touch>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Touch {
    #[model(leaf)]
    touchy: Touchy,
}

#[test]
fn i2_users_values_are_dropped_outside_of_every_lock() {
    within(LIMIT, || {
        let slot = Arc::new(OnceLock::new());
        let touchy = || Touchy(Some(Arc::clone(&slot)));
        let touch = || Touch { touchy: touchy() };
        let model = create_model("holder", Holder::default());
        slot.set(model.clone()).unwrap();
        let _subscriptions = [
            model.subscribe(Holder::PATHS.touchy, |_, _| {}),
            model.subscribe(Holder::PATHS.by_key.key(1), |_, _| {}),
            model.subscribe_now(Holder::PATHS.path(), |_, _| {}),
        ];

        drop(model.set(Holder::PATHS.touchy, touchy()));
        drop(model.set(Holder::PATHS.touchy, touchy()));
        drop(model.insert(Holder::PATHS.by_key, 1, touch()));
        drop(model.set(Holder::PATHS.by_key.key(1), touch()));
        assert!(model.set(Holder::PATHS.by_key.key(2), touch()).is_err());
        drop(model.remove(Holder::PATHS.by_key, 1u32));
        model.patch(HolderPatch::new().touchy(touchy()));
        drop(model.update(|holder| std::mem::replace(&mut holder.touchy, touchy())));
        drop(model.update_at(Holder::PATHS.touchy, |value| std::mem::replace(value, touchy())));
        let held = model.snapshot();
        model.set(Holder::PATHS.number, 7);
        drop(held);
        let mut replaced = None;
        let failed = panic_of(|| {
            model.update(|holder| {
                replaced = Some(std::mem::replace(&mut holder.touchy, touchy()));
                panic!("out");
            });
        });
        assert_eq!(failed, "out");
        let failed: Result<(), Touchy> =
            model.transaction(|tx| Err(tx.set(Holder::PATHS.touchy, touchy())));
        assert!(failed.is_err());
        model.reset();

        assert!(DROPPED.load(Ordering::Relaxed) >= 10);
    });
}

#[test]
fn i2_touching_a_cell_inside_its_own_update_panics_with_its_name() {
    within(LIMIT, || {
        let tv = tv();
        let attempts: [(&str, &dyn Fn()); 7] = [
            ("get", &|| assert!(tv.get(Tv::PATHS.queue).is_empty())),
            ("set", &|| assert!(!tv.set(Tv::PATHS.casting, true))),
            ("snapshot", &|| assert!(!tv.snapshot().casting)),
            ("update", &|| tv.update(|_| ())),
            ("subscribe", &|| tv.subscribe(Tv::PATHS.casting, |_, _| {}).detach()),
            ("flush", &|| tv.flush()),
            ("destroy", &|| tv.destroy()),
        ];
        for (what, attempt) in attempts {
            let message = panic_of(|| tv.update(|_| attempt()));
            assert!(message.contains("`tv`"), "{what}: {message}");
            let message = panic_of(|| tv.update_at(Tv::PATHS.casting, |_| attempt()));
            assert!(message.contains("`tv`"), "{what}: {message}");
            let message = panic_of(|| {
                let touched: Result<(), ()> = tv.transaction(|_| {
                    attempt();
                    Ok(())
                });
                touched.unwrap();
            });
            assert!(message.contains("`tv`"), "{what}: {message}");
        }
        assert_eq!(tv.version(), 0);
        tv.set(Tv::PATHS.casting, true);
    });
}

#[test]
fn i2_a_clone_or_comparison_that_touches_its_own_cell_panics() {
    within(LIMIT, || {
        static MODEL: OnceLock<Model<Odd>> = OnceLock::new();
        static ARMED: AtomicBool = AtomicBool::new(false);
        #[derive(Debug, Default)]
        struct Nosy;
        impl Clone for Nosy {
            fn clone(&self) -> Self {
                if ARMED.load(Ordering::Relaxed) {
                    MODEL.get().unwrap().set(Odd::PATHS.number, 9);
                }
                Self
            }
        }
        impl PartialEq for Nosy {
            fn eq(&self, other: &Self) -> bool {
                drop(other.clone());
                false
            }
        }
        #[derive(Model, Clone, Debug, Default, PartialEq)]
        struct Odd {
            number: u32,
            #[model(leaf)]
            nosy: Nosy,
        }
        let odd = MODEL.get_or_init(|| create_model("odd", Odd::default()));
        let _watching = odd.subscribe(Odd::PATHS.nosy, |_, _| {});
        ARMED.store(true, Ordering::Relaxed);

        let of_get = panic_of(|| {
            odd.get(Odd::PATHS.nosy);
        });
        let of_set = panic_of(|| {
            odd.set(Odd::PATHS.nosy, Nosy);
        });
        let of_update = panic_of(|| odd.update(|_| ()));
        ARMED.store(false, Ordering::Relaxed);

        for message in [of_get, of_set, of_update] {
            assert!(message.contains("`odd` was accessed inside its own"), "{message}");
        }
        assert_eq!(odd.version(), 0);
    });
}

#[test]
fn i2_two_cells_updated_crosswise_panic_instead_of_deadlocking() {
    within(LIMIT, || {
        let (left, right) = (create_model("left", 0u32), create_model("right", 0u32));
        let barrier = Barrier::new(2);
        let both = Mutex::new(Vec::new());
        let cross = |first: &Model<u32>, second: &Model<u32>| {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                first.update(|n| {
                    barrier.wait();
                    second.update(|n| *n += 1);
                    *n += 1;
                });
            }));
            both.lock().unwrap().push(outcome.is_ok());
        };

        std::thread::scope(|scope| {
            scope.spawn(|| cross(&left, &right));
            scope.spawn(|| cross(&right, &left));
        });

        let mut both = both.into_inner().unwrap();
        both.sort_unstable();
        assert_eq!(both, [false, true], "one gives way and the other goes through");
        assert_eq!(*left.snapshot() + *right.snapshot(), 2);
    });
}

/// The second wait is the reverse of the first one, which is over.
#[test]
fn i2_a_wait_that_is_over_is_a_part_of_no_cycle() {
    within(LIMIT, || {
        let (left, right) = (create_model("left", 0u32), create_model("right", 0u32));
        for (outer, inner) in [(&right, &left), (&left, &right)] {
            let is_held = &Barrier::new(2);
            let (ended, end) = std::sync::mpsc::channel();
            std::thread::scope(|scope| {
                scope.spawn(move || {
                    inner.update(|_| {
                        is_held.wait();
                        // The other thread ends only if it does not wait for this update.
                        let _ = end.recv_timeout(Duration::from_millis(100));
                    });
                });
                is_held.wait();
                outer.update(|_| inner.update(|n| *n += 1));
                let _ = ended.send(());
            });
        }
        assert_eq!((*left.snapshot(), *right.snapshot()), (1, 1));
    });
}

#[test]
fn i2_subscribers_of_one_cell_do_not_run_under_the_lock_of_another() {
    within(LIMIT, || {
        let (outer, inner) = (create_model("outer", 0u32), create_model("inner", 0u32));
        let seen = Log::default();
        let (log, other) = (seen.clone(), outer.clone());
        let _inner = inner.subscribe(
            |n: &u32| *n,
            move |n, _| {
                // The call would hang if `outer` were locked.
                log.push((*n, elsewhere(|| *other.snapshot())));
            },
        );

        outer.update(|n| {
            inner.update(|n| *n += 1);
            assert!(seen.take().is_empty(), "it is delivered once `outer` is free");
            *n = 5;
        });

        assert_eq!(seen.take(), [(1, 5)]);
    });
}

#[test]
fn i2_dropping_a_subscription_inside_an_update_is_fine() {
    within(LIMIT, || {
        let tv = tv();
        let captured = Arc::new(());
        let held = Arc::clone(&captured);
        let mut subscription =
            Some(tv.subscribe(Tv::PATHS.casting, move |_, _| drop(Arc::clone(&held))));

        tv.update(|tv| {
            subscription.take();
            tv.casting = true;
        });

        assert_eq!(Arc::strong_count(&captured), 1);
        tv.set(Tv::PATHS.casting, false);
    });
}

#[test]
fn i3_a_dropped_guard_ends_the_calls_even_within_a_round() {
    let tv = tv();
    let seen = Log::default();
    let second: Arc<Mutex<Option<Subscription>>> = Arc::default();
    let (log, victim) = (seen.clone(), Arc::clone(&second));
    let _first = tv.subscribe(Tv::PATHS.casting, move |_, _| {
        log.push("first");
        victim.lock().unwrap().take();
    });
    let log = seen.clone();
    *second.lock().unwrap() = Some(tv.subscribe(Tv::PATHS.casting, move |_, _| log.push("second")));

    tv.set(Tv::PATHS.casting, true);
    tv.set(Tv::PATHS.casting, false);

    assert_eq!(seen.take(), ["first", "first"]);
}

#[test]
fn i4_a_write_inside_a_callback_is_delivered_after_the_round() {
    within(LIMIT, || {
        let tv = tv();
        let seen = Log::default();
        let (first, second) = (seen.clone(), seen.clone());
        let _first = tv.subscribe(Tv::PATHS.playback.position, move |position, change| {
            first.push(format!("first {position}"));
            if *position < 3 {
                change.model().set(Tv::PATHS.playback.position, position + 1);
                first.push(format!("wrote {}", position + 1));
            }
        });
        let _second = tv.subscribe(Tv::PATHS.playback.position, move |position, change| {
            second.push(format!("second {position} v{}", change.version()));
        });

        tv.set(Tv::PATHS.playback.position, 1);

        let expected = [
            "first 1",
            "wrote 2",
            "second 1 v1",
            "first 2",
            "wrote 3",
            "second 2 v2",
            "first 3",
            "second 3 v3",
        ];
        assert_eq!(seen.take(), expected);
    });
}

#[test]
fn i4_flush_in_a_callback_panics_with_the_name() {
    within(LIMIT, || {
        let tv = tv();
        let seen = Log::default();
        let log = seen.clone();
        let _flushing = tv.subscribe(Tv::PATHS.casting, move |_, change| {
            let model = change.model();
            log.push(panic_of(|| model.flush()));
        });

        tv.set(Tv::PATHS.casting, true);

        assert!(seen.take()[0].contains("`flush` of `tv`"));
    });
}

#[test]
fn subscribe_now_inside_a_callback_comes_after_the_round() {
    within(LIMIT, || {
        let tv = tv();
        let seen = Log::default();
        let late: Arc<Mutex<Vec<Subscription>>> = Arc::default();
        let (log, keep) = (seen.clone(), Arc::clone(&late));
        let _first = tv.subscribe(Tv::PATHS.casting, move |on, change| {
            log.push(format!("first {on}"));
            if *on {
                let log = log.clone();
                keep.lock().unwrap().push(change.model().subscribe_now(
                    Tv::PATHS.casting,
                    move |on, _| {
                        log.push(format!("late {on}"));
                    },
                ));
            }
        });

        tv.set(Tv::PATHS.casting, true);
        assert_eq!(seen.take(), ["first true", "late true"]);
        tv.set(Tv::PATHS.casting, false);
        assert_eq!(seen.take(), ["first false", "late false"]);
    });
}

#[test]
fn a_cell_can_be_dropped_and_destroyed_inside_its_callback() {
    within(LIMIT, || {
        let tv = tv();
        let last: Arc<Mutex<Option<Model<Tv>>>> = Arc::new(Mutex::new(Some(tv.clone())));
        let taken = Arc::clone(&last);
        tv.subscribe(Tv::PATHS.casting, move |_, change| {
            change.model().destroy();
            taken.lock().unwrap().take();
        })
        .detach();

        tv.set(Tv::PATHS.casting, true);
        tv.set(Tv::PATHS.casting, false);

        assert_eq!(tv.panics(), 0);
        assert_eq!(Arc::strong_count(&last), 1, "the subscriber is gone");
    });
}
