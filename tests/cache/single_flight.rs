//! C1: single flight; C6: `None` is a value.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;

use test_support::within;

use crate::support::*;

#[test]
fn c1_one_computation_however_many_callers_block_and_await() {
    within(LIMIT, || {
        const EACH: usize = 256;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
        let drives = lone::<Arc<str>>();
        let computations = Arc::new(AtomicUsize::new(0));
        let compute = {
            let (drives, computations) = (drives.clone(), computations.clone());
            move || {
                computations.fetch_add(1, Ordering::SeqCst);
                // Everyone has come, and found nothing, before there is a value.
                while drives.stats().misses < 2 * EACH as u64 {
                    thread::yield_now();
                }
                Arc::<str>::from("value")
            }
        };

        let threads: Vec<_> = (0..EACH)
            .map(|_| {
                let (drives, compute) = (drives.clone(), compute.clone());
                thread::spawn(move || drives.get_or_compute(compute))
            })
            .collect();
        let tasks: Vec<_> = (0..EACH)
            .map(|_| {
                let (drives, compute) = (drives.clone(), compute.clone());
                runtime.spawn(async move {
                    drives
                        .get_or_compute_async(|| async move {
                            tokio::task::spawn_blocking(compute).await.unwrap()
                        })
                        .await
                })
            })
            .collect();

        for thread in threads {
            assert_eq!(&*thread.join().unwrap(), "value");
        }
        for task in tasks {
            assert_eq!(&*runtime.block_on(task).unwrap(), "value");
        }
        assert_eq!(computations.load(Ordering::SeqCst), 1);
        assert_eq!(drives.stats().computations, 1);
        assert_eq!(drives.get().as_deref(), Some("value"));
    });
}

#[test]
fn c1_a_blocking_caller_waits_for_an_async_leader_and_the_other_way_round() {
    within(LIMIT, || {
        let drives = lone::<u32>();
        let (send, receive) = tokio::sync::oneshot::channel();
        let mut leader = pin!(drives.get_or_compute_async(|| async { receive.await.unwrap() }));
        assert!(poll(leader.as_mut()).is_pending());
        thread::scope(|scope| {
            let blocked = scope.spawn(|| drives.get_or_compute(|| unreachable!("one is at it")));
            while drives.stats().misses < 2 {
                thread::yield_now();
            }
            send.send(1).unwrap();
            assert_eq!(poll(leader.as_mut()), Poll::Ready(1));
            assert_eq!(blocked.join().unwrap(), 1);
        });

        drives.invalidate();
        let (go, gate) = channel::<()>();
        let (begun, begins) = channel::<()>();
        thread::scope(|scope| {
            let drives = &drives;
            let leader = scope.spawn(move || {
                drives.get_or_compute(|| {
                    begun.send(()).unwrap();
                    gate.recv().unwrap();
                    2
                })
            });
            begins.recv().unwrap();
            let mut waits =
                pin!(drives.get_or_compute_async(|| async { unreachable!("one is at it") }));
            assert!(poll(waits.as_mut()).is_pending());
            go.send(()).unwrap();
            assert_eq!(leader.join().unwrap(), 2);
            assert_eq!(poll(waits.as_mut()), Poll::Ready(2));
        });
    });
}

#[test]
fn c1_a_hit_computes_nothing_and_is_borrowed() {
    within(LIMIT, || {
        let drives = lone::<Vec<u32>>();
        assert_eq!(drives.read(Vec::len), None);
        assert_eq!(drives.get_or_compute(|| vec![1, 2]), [1, 2]);
        assert_eq!(drives.get_or_compute(|| unreachable!()), [1, 2]);
        assert_eq!(drives.read(Vec::len), Some(2));
        let held = drives.load().unwrap();
        drives.invalidate();
        assert_eq!(*held, [1, 2], "what is held stays what it is");
        assert!(drives.load().is_none());
        let stats = drives.stats();
        assert_eq!(
            (stats.hits, stats.misses, stats.computations, stats.invalidations),
            (3, 3, 1, 1)
        );
    });
}

#[test]
fn hits_of_many_threads_are_all_counted() {
    within(LIMIT, || {
        let drives = lone::<u32>();
        drives.set(1);
        for _ in 0..3 {
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| (0..1_000).for_each(|_| assert_eq!(drives.get(), Some(1))));
                }
            });
        }
        assert_eq!(drives.stats().hits, 24_000);
    });
}

#[test]
fn c6_none_is_a_value_like_any_other() {
    let missing = lone::<Option<u32>>();
    assert_eq!(missing.get_or_compute(|| None), None);
    assert_eq!(missing.get_or_compute(|| unreachable!()), None);
    assert_eq!(missing.get(), Some(None));
}
