//! Several threads: order, no gaps, no partial commits, and no thread that delivers for
//! ever.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use test_support::within;

use crate::domain::*;

const THREADS: u64 = 4;
const WRITES: u64 = 2_000;

/// Detects two threads inside at the same time.
#[derive(Default)]
struct Alone(AtomicBool);

impl Alone {
    fn visit(&self) {
        assert!(!self.0.swap(true, Ordering::AcqRel), "two at once");
        std::thread::yield_now();
        assert!(self.0.swap(false, Ordering::AcqRel));
    }
}

#[test]
fn i3_every_commit_in_order_one_at_a_time() {
    within(LIMIT, || {
        let tv = tv();
        let seen = Log::default();
        let (log, alone) = (seen.clone(), Alone::default());
        let _position = tv.subscribe(Tv::PATHS.playback.position, move |position, change| {
            alone.visit();
            log.push((*position, change.version()));
        });

        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..WRITES {
                        tv.update_at(Tv::PATHS.playback.position, |position| *position += 1);
                    }
                });
            }
        });
        tv.flush();

        let expected: Vec<_> = (1..=THREADS * WRITES).map(|n| (n, n)).collect();
        assert_eq!(seen.take(), expected);
        assert_eq!(tv.panics(), 0);
    });
}

#[test]
fn i1_no_reader_sees_half_of_a_write() {
    within(LIMIT, || {
        let tv = tv();
        let done = AtomicBool::new(false);
        let check = |position: u64, url: &Option<String>| {
            let expected = (position > 0).then(|| position.to_string());
            assert_eq!(*url, expected);
        };
        let both = (Tv::PATHS.playback.position, Tv::PATHS.playback.url);
        let _subscriptions = [
            tv.subscribe(both, move |(position, url), _| check(*position, url)),
            tv.subscribe(Tv::PATHS.playback, move |p, _| check(p.position, &p.url)),
            tv.subscribe(|tv: &Tv| tv.playback.clone(), move |p, _| check(p.position, &p.url)),
        ];

        std::thread::scope(|scope| {
            for writer in 0..3 {
                let (tv, done) = (&tv, &done);
                scope.spawn(move || {
                    for n in 1..=WRITES {
                        let playback = Playback { url: Some(n.to_string()), position: n };
                        match writer {
                            0 => drop(tv.set(Tv::PATHS.playback, playback)),
                            1 => tv.patch(TvPatch::new().playback(playback)),
                            _ => tv
                                .transaction(|tx| {
                                    tx.set(Tv::PATHS.playback.position, n);
                                    tx.set(Tv::PATHS.playback.url, Some(n.to_string()));
                                    Ok::<_, ()>(())
                                })
                                .unwrap(),
                        }
                    }
                    done.store(true, Ordering::Release);
                });
            }
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    let snapshot = tv.snapshot();
                    check(snapshot.playback.position, &snapshot.playback.url);
                    let playback = tv.get(Tv::PATHS.playback);
                    check(playback.position, &playback.url);
                }
            });
        });

        assert_eq!(tv.version(), 3 * WRITES);
        assert_eq!(tv.panics(), 0, "a subscriber saw half of a write");
    });
}

#[test]
fn i3_after_the_drop_of_a_guard_at_most_one_call_is_still_running() {
    within(LIMIT, || {
        for _ in 0..200 {
            let tv = tv();
            let dropped = Arc::new(AtomicBool::new(false));
            let late = Arc::new(AtomicU64::new(0));
            let (is_dropped, count) = (Arc::clone(&dropped), Arc::clone(&late));
            let guard = tv.subscribe(Tv::PATHS.playback.position, move |_, _| {
                count.fetch_add(u64::from(is_dropped.load(Ordering::SeqCst)), Ordering::SeqCst);
            });

            std::thread::scope(|scope| {
                scope.spawn(|| {
                    for n in 1..=100 {
                        tv.set(Tv::PATHS.playback.position, n);
                    }
                });
                scope.spawn(move || {
                    drop(guard);
                    dropped.store(true, Ordering::SeqCst);
                });
            });

            assert!(late.load(Ordering::SeqCst) <= 1);
        }
    });
}

#[test]
fn subscribe_now_leaves_no_gap_and_shows_nothing_twice() {
    within(LIMIT, || {
        let tv = tv();
        let done = AtomicBool::new(false);

        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    tv.update_at(Tv::PATHS.playback.position, |position| *position += 1);
                }
            });
            for _ in 0..300 {
                let seen = Log::default();
                let log = seen.clone();
                let guard = tv.subscribe_now(Tv::PATHS.playback.position, move |n, _| log.push(*n));
                tv.flush();
                drop(guard);
                let seen = seen.take();
                assert!(!seen.is_empty());
                assert!(seen.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seen:?}");
            }
            done.store(true, Ordering::Release);
        });
    });
}

#[test]
fn i4_no_thread_delivers_for_others_without_end() {
    within(LIMIT, || {
        let tv = tv();
        let returned = AtomicBool::new(false);
        let spent = Arc::new(AtomicU64::new(0));
        let calls = Arc::clone(&spent);
        // Each delivery takes longer than a write, so the queue never runs empty by itself.
        let _slow = tv.subscribe(Tv::PATHS.playback.position, move |_, _| {
            calls.fetch_add(1, Ordering::Relaxed);
            for _ in 0..2_000 {
                std::hint::spin_loop();
            }
        });

        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !returned.load(Ordering::Acquire) {
                        tv.update_at(Tv::PATHS.playback.position, |position| *position += 1);
                    }
                });
            }
            scope.spawn(|| {
                // The thread that delivers must return although the other threads keep writing.
                for _ in 0..3_000 {
                    tv.update_at(Tv::PATHS.playback.position, |position| *position += 1);
                }
                returned.store(true, Ordering::Release);
            });
        });
        tv.flush();

        assert_eq!(spent.load(Ordering::Relaxed), tv.version(), "none lost, none twice");
    });
}

#[test]
fn i4_with_one_writer_everything_is_delivered_when_the_write_returns() {
    within(LIMIT, || {
        let tv = tv();
        let calls = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&calls);
        let _position = tv.subscribe(Tv::PATHS.playback.position, move |_, _| {
            count.fetch_add(1, Ordering::Relaxed);
        });

        for n in 1..=3_000 {
            tv.set(Tv::PATHS.playback.position, n);
            assert_eq!(calls.load(Ordering::Relaxed), n);
        }
    });
}

#[test]
fn i4_flush_waits_for_deliveries_of_another_thread() {
    within(LIMIT, || {
        let tv = tv();
        let (entered, enter) = std::sync::mpsc::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (released, finished) = (Mutex::new(released), Arc::new(AtomicBool::new(false)));
        let finish = Arc::clone(&finished);
        let _blocking = tv.subscribe(Tv::PATHS.casting, move |_, _| {
            entered.send(()).unwrap();
            released.lock().unwrap().recv().unwrap();
            finish.store(true, Ordering::Release);
        });

        std::thread::scope(|scope| {
            scope.spawn(|| tv.set(Tv::PATHS.casting, true));
            enter.recv_timeout(Duration::from_secs(10)).unwrap();
            scope.spawn(move || release.send(()).unwrap());
            tv.flush();
            assert!(finished.load(Ordering::Acquire));
        });
    });
}

#[test]
fn subscribing_and_dropping_from_many_threads_loses_nothing() {
    within(LIMIT, || {
        let tv = tv();
        let done = AtomicBool::new(false);
        let steady = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&steady);
        let _steady = tv.subscribe(Tv::PATHS.playback.position, move |_, _| {
            count.fetch_add(1, Ordering::Relaxed);
        });

        std::thread::scope(|scope| {
            for worker in 0..3 {
                let (tv, done) = (&tv, &done);
                scope.spawn(move || {
                    while !done.load(Ordering::Acquire) {
                        let other = tv.subscribe(Tv::PATHS.casting, |_, _| {});
                        let same = tv.subscribe_now(Tv::PATHS.playback.position, |_, _| {});
                        let keyed = tv.subscribe(Tv::PATHS.users.key(worker), |_, _| {});
                        drop((other, same, keyed));
                    }
                });
            }
            for n in 1..=WRITES {
                tv.set(Tv::PATHS.playback.position, n);
            }
            done.store(true, Ordering::Release);
        });
        tv.flush();

        assert_eq!(steady.load(Ordering::Relaxed), WRITES);
        assert_eq!(tv.panics(), 0);
    });
}

#[test]
fn i3_a_new_subscriber_receives_later_writes_and_not_queued_ones() {
    within(LIMIT, || {
        let (model, log, newcomers) = (tv(), Log::default(), Arc::new(Mutex::new(Vec::new())));
        let (shown, late) = (log.clone(), Arc::clone(&newcomers));
        let position = Tv::PATHS.playback.position;
        let _guard = model.subscribe(position, move |n, change| {
            if *n == 1 {
                let (model, shown) = (change.model(), shown.clone());
                model.set(position, 2);
                let newcomer = model.subscribe(position, move |n, _| shown.push(*n));
                late.lock().unwrap().push(newcomer);
                model.set(position, 3);
            }
        });

        model.set(position, 1);

        assert_eq!(log.take(), [3]);
    });
}

#[test]
fn i3_a_subscriber_is_notified_of_the_first_write_after_it_whatever_was_written_before() {
    let (model, log) = (tv(), Log::default());
    let subscribe = |name: &'static str| {
        let shown = log.clone();
        model.subscribe(Tv::PATHS.playback.position, move |n, _| shown.push((name, *n)))
    };
    let first = subscribe("first");
    model.set(Tv::PATHS.playback.position, 1);
    let _second = subscribe("second");
    model.set(Tv::PATHS.playback.position, 2);
    drop(first);
    model.set(Tv::PATHS.playback.position, 3);
    let _third = subscribe("third");
    model.set(Tv::PATHS.playback.position, 4);

    let told =
        [("first", 1), ("first", 2), ("second", 2), ("second", 3), ("second", 4), ("third", 4)];
    assert_eq!(log.take(), told);
}

/// Line by line in the order of subscription, whichever places, keys and kinds of selectors.
#[test]
fn i3_callbacks_of_one_commit_run_in_the_order_of_subscription_over_different_places() {
    let (tv, log) = (tv(), Log::default());
    tv.insert(Tv::PATHS.users, 7, user("Ada", "London"));
    let show = |name: &'static str| {
        let log = log.clone();
        move || log.push(name)
    };
    macro_rules! subscribe {
        ($name:literal, $selector:expr) => {{
            let show = show($name);
            tv.subscribe($selector, move |_, _| show())
        }};
    }
    let p = Tv::PATHS;
    let name = p.users.key(7).then(User::PATHS.name);
    let _guards = [
        subscribe!("queue", p.queue.len()),
        subscribe!("name", name),
        subscribe!("closure", |tv: &Tv| tv.casting),
        subscribe!("casting", p.casting),
        subscribe!("each", p.users.each().then(User::PATHS.name)),
        subscribe!("position", p.playback.position),
        subscribe!("tuple", (p.casting, p.playback.position)),
        subscribe!("root", p.playback),
        // The field has a callback, so this one is called in the turn of that one.
        subscribe!("casting too", p.casting),
        subscribe!("name too", name),
    ];
    let expected = [
        "queue",
        "name",
        "closure",
        "casting",
        "casting too",
        "each",
        "position",
        "tuple",
        "root",
        "name too",
    ];

    tv.update(|tv| {
        (tv.casting, tv.playback.position) = (true, 1);
        tv.queue.push(track("Alien"));
        tv.users.insert(7, user("Grace", "London"));
    });
    assert_eq!(log.take(), expected);
    let done = tv.transaction(|tx| {
        tx.set(p.playback.position, 2);
        tx.set(name, "Edsger".to_owned())?;
        tx.set(p.casting, false);
        tx.push(p.queue, track("Brazil"));
        Ok::<_, sprag::error::Absent>(())
    });
    done.unwrap();
    assert_eq!(log.take(), expected);
}
