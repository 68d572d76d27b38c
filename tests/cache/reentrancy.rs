//! C5: cancelled computations, and computations that wait for themselves.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Waker};
use std::thread;

use sprag::error::CacheError;
use sprag::prelude::*;
use test_support::within;

use crate::support::*;

#[test]
fn c5_a_cancelled_leader_hands_over_to_a_waiter() {
    within(LIMIT, || {
        let drives = lone::<u32>();
        let mut leader = Box::pin(drives.get_or_compute_async(std::future::pending));
        assert!(poll(leader.as_mut()).is_pending());
        thread::scope(|scope| {
            let blocked = scope.spawn(|| drives.get_or_compute(|| 3));
            while drives.stats().misses < 2 {
                thread::yield_now();
            }
            drop(leader);
            assert_eq!(blocked.join().unwrap(), 3);
        });
        assert_eq!((drives.get(), drives.stats().panics), (Some(3), 0));
    });
}

#[test]
fn c5_a_waiter_that_was_chosen_and_gave_up_passes_it_on() {
    within(LIMIT, || {
        let drives = lone::<u32>();
        let mut leader = Box::pin(drives.get_or_compute_async(std::future::pending));
        assert!(poll(leader.as_mut()).is_pending());
        let woken = Arc::new(Flag::default());
        let mut first = Box::pin(drives.get_or_compute_async(|| async { 1 }));
        assert!(poll(first.as_mut()).is_pending());
        let mut second = Box::pin(drives.get_or_compute_async(|| async { 2 }));
        let waker = Waker::from(woken.clone());
        assert!(second.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());

        drop(leader);
        assert!(!woken.is_set(), "the first in line is woken");
        drop(first);
        assert!(woken.is_set());
        assert_eq!(poll(second.as_mut()), Poll::Ready(2));
    });
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Flag {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl std::task::Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn c5_a_storm_of_cancelled_tasks_hangs_no_caller() {
    within(LIMIT, || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
        for round in 0..50 {
            let drives = lone::<u32>();
            let tasks: Vec<_> = (0..64)
                .map(|n| {
                    let drives = drives.clone();
                    let task = runtime.spawn(async move {
                        drives
                            .get_or_compute_async(|| async {
                                tokio::task::yield_now().await;
                                round
                            })
                            .await
                    });
                    if n % 3 == 0 {
                        task.abort();
                    }
                    task
                })
                .collect();
            assert_eq!(drives.get_or_compute(|| round), round);
            for task in tasks {
                match runtime.block_on(task) {
                    Ok(value) => assert_eq!(value, round),
                    Err(error) => assert!(error.is_cancelled()),
                }
            }
        }
    });
}

#[test]
fn c5_a_computation_that_queries_itself_gets_an_error() {
    within(LIMIT, || {
        let drives = lone::<u32>();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            drives.get_or_compute(|| drives.get_or_compute(|| 1))
        }));
        let text = panic_text(outcome);
        assert!(text.contains("drives -> drives"), "{text}");

        let mut inner = None;
        let value = drives.get_or_compute(|| {
            inner = drives.try_get_or_compute(|| Ok::<_, Unplugged>(1)).err();
            2
        });
        assert_eq!(value, 2);
        assert!(matches!(inner, Some(CacheError::Reentrant { chain }) if chain.len() == 2));
    });
}

#[test]
fn c5_also_after_an_invalidation_during_the_computation() {
    within(LIMIT, || {
        let drives = lone::<u32>();
        let value = drives.try_get_or_compute(|| {
            drives.invalidate();
            drives.try_get_or_compute(|| Ok::<_, Unplugged>(1))
        });
        let error = value.unwrap_err();
        assert!(matches!(error.failure(), Some(CacheError::Reentrant { .. })));
    });
}

#[test]
fn c5_a_cancelled_computation_that_queries_its_cache_in_drop_gets_an_error() {
    within(LIMIT, || {
        struct AsksWhenDropped(Cache<u32>, Log);
        impl Drop for AsksWhenDropped {
            fn drop(&mut self) {
                let asked = self.0.try_get_or_compute(|| Ok::<_, Unplugged>(2));
                self.1.add(asked.unwrap_err().to_string());
            }
        }
        let (cache, log) = (lone::<u32>(), Log::default());
        let asks = AsksWhenDropped(cache.clone(), log.clone());
        let mut leader = Box::pin(cache.get_or_compute_async(|| async move {
            let _asks = asks;
            std::future::pending().await
        }));
        assert!(poll(leader.as_mut()).is_pending());

        drop(leader);

        assert!(log.take()[0].contains("drives"));
        assert_eq!(cache.get_or_compute(|| 3), 3, "nobody is inside of it any more");
    });
}

#[test]
fn c5_through_other_caches_sync_and_async() {
    within(LIMIT, || {
        let bus = Bus::new();
        let [a, b, c] = ["a", "b", "c"].map(|name| cache::<u32>(&bus, name).build().unwrap());
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            a.get_or_compute(|| b.get_or_compute(|| c.get_or_compute(|| a.get_or_compute(|| 1))))
        }));
        let text = panic_text(outcome);
        assert!(text.contains("a -> b -> c -> a"), "{text}");

        let mut asks = pin!(a.try_get_or_compute_async(|| async {
            b.try_get_or_compute_async(|| async {
                a.try_get_or_compute_async(|| async { Ok::<_, Unplugged>(1) }).await
            })
            .await
        }));
        let Poll::Ready(Err(outer)) = poll(asks.as_mut()) else { panic!("it hangs") };
        let between = outer.failure::<CacheError>().unwrap();
        let inner = between.failure::<CacheError>().unwrap();
        assert!(
            matches!(inner, CacheError::Reentrant { chain } if chain.join(" -> ") == "a -> b -> a")
        );
        assert_eq!(a.get_or_compute(|| b.get_or_compute(|| 4)), 4, "nothing is left behind");
    });
}

#[test]
fn c5_across_threads() {
    within(LIMIT, || {
        let bus = Bus::new();
        let [a, b] = ["a", "b"].map(|name| cache::<u32>(&bus, name).build().unwrap());
        let both_lead = Barrier::new(2);
        let crosswise = |own: &Cache<u32>, other: &Cache<u32>| {
            own.try_get_or_compute(|| {
                both_lead.wait();
                other.try_get_or_compute(|| Ok::<_, Unplugged>(1))
            })
        };
        let (left, right) = thread::scope(|scope| {
            let left = scope.spawn(|| crosswise(&a, &b));
            let right = scope.spawn(|| crosswise(&b, &a));
            (left.join().unwrap(), right.join().unwrap())
        });
        let chains = [&left, &right].map(|outcome| {
            let mut error = outcome.as_ref().err();
            while let Some(inner) = error.and_then(CacheError::failure::<CacheError>) {
                error = Some(inner);
            }
            error.map(ToString::to_string).unwrap_or_default()
        });
        let text = chains.iter().find(|text| !text.is_empty()).expect("one of them is told");
        assert!(text.contains("a -> b -> a") || text.contains("b -> a -> b"), "{text}");
    });
}

#[test]
fn c5_across_tasks() {
    within(LIMIT, || {
        let bus = Bus::new();
        let [a, b] = ["a", "b"].map(|name| cache::<u32>(&bus, name).build().unwrap());
        let crosswise = |own: Cache<u32>, other: Cache<u32>| async move {
            own.try_get_or_compute_async(|| async {
                tokio::task::yield_now().await;
                other.try_get_or_compute_async(|| async { Ok::<_, Unplugged>(1) }).await
            })
            .await
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (left, right) = runtime.block_on(async {
            let left = tokio::spawn(crosswise(a.clone(), b.clone()));
            let right = tokio::spawn(crosswise(b.clone(), a.clone()));
            (left.await.unwrap(), right.await.unwrap())
        });
        assert!(left.is_err() || right.is_err());
    });
}

#[test]
fn c5_two_computations_that_wait_for_a_third_are_not_a_circle() {
    within(LIMIT, || {
        let bus = Bus::new();
        let [a, b, c] = ["a", "b", "c"].map(|name| cache::<u32>(&bus, name).build().unwrap());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| a.get_or_compute(|| c.get_or_compute(|| 1)));
                scope
                    .spawn(|| b.get_or_compute(|| c.get_or_compute(|| 1) + a.get_or_compute(|| 1)));
            }
        });
        assert_eq!((a.get(), b.get(), c.get()), (Some(1), Some(2), Some(1)));
    });
}
