//! Loops that fan out, and panics at unusual places.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use sprag::prelude::*;
use test_support::within;

use crate::domain::LIMIT;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Point {
    x: u64,
    y: u64,
}

#[test]
fn i4_two_subscribers_that_disagree_are_cut() {
    within(LIMIT, || {
        let point = create_model("point", Point::default());
        for wanted in [1, 2] {
            point
                .subscribe(Point::PATHS.x, move |_, change| {
                    change.model().set(Point::PATHS.x, wanted);
                })
                .detach();
        }

        point.set(Point::PATHS.x, 7);

        assert!(point.panics() > 0);
        assert!(point.version() < 30_000, "{} commits", point.version());
        point.flush();
    });
}

#[test]
fn i4_a_callback_may_write_many_times() {
    within(LIMIT, || {
        let (from, to) = (create_store("from", 0_u64), create_store("to", 0_u64));
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        to.subscribe(move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
        })
        .detach();
        let target = to.clone();
        let copy = move |_: &Arc<u64>, _: &Change<'_, Store<u64>>| {
            (0..20_000).for_each(|n| drop(target.replace(n)));
        };
        from.subscribe(copy).detach();

        from.replace(1);

        assert_eq!((from.panics(), calls.load(Ordering::Relaxed)), (0, 20_000));
    });
}

static HASHES_LEFT: AtomicI64 = AtomicI64::new(i64::MAX);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key(u64);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        assert_ne!(HASHES_LEFT.fetch_sub(1, Ordering::Relaxed), 0, "no hash");
        self.0.hash(state);
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Book {
    entries: HashMap<Key, u64>,
}

#[test]
fn i5_a_retain_whose_keys_panic_is_taken_back() {
    let book = create_model("book", Book::default());
    book.update(|book| book.entries = (0..10).map(|n| (Key(n), n)).collect());
    let mut interrupted = 0;
    for watched in [false, true] {
        let _watching = watched.then(|| book.subscribe(Book::PATHS.entries.len(), |_, _| {}));
        for left in 0..20 {
            let (version, before) = book.versioned();
            let before = Book::clone(&before);
            HASHES_LEFT.store(left, Ordering::Relaxed);
            let retain = || book.retain(Book::PATHS.entries, |(_, n)| n % 2 == 0);
            let outcome = catch_unwind(AssertUnwindSafe(retain));
            HASHES_LEFT.store(i64::MAX, Ordering::Relaxed);
            if outcome.is_err() {
                interrupted += 1;
                assert_eq!((book.version(), &*book.snapshot()), (version, &before));
            }
            book.replace(before);
        }
    }
    assert!(interrupted > 0);
}

#[test]
fn i4_a_panicking_drop_stops_no_other_cell() {
    within(LIMIT, || {
        static ARMED: AtomicBool = AtomicBool::new(false);
        #[derive(Clone, Debug, Default, PartialEq)]
        struct Bomb(u64);
        impl Drop for Bomb {
            fn drop(&mut self) {
                if ARMED.load(Ordering::Relaxed) && !std::thread::panicking() {
                    ARMED.store(false, Ordering::Relaxed);
                    panic!("a drop panics");
                }
            }
        }
        let (outer, other) = (create_store("outer", 0_u64), create_store("other", 0_u64));
        let bombs = create_store("bombs", Bomb(0));
        bombs.subscribe(|_, _| {}).detach();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        other
            .subscribe(move |_, _| {
                counted.fetch_add(1, Ordering::Relaxed);
            })
            .detach();

        let _ = catch_unwind(AssertUnwindSafe(|| {
            outer.update(|_| {
                bombs.update(|bomb| bomb.0 = 2);
                drop(bombs);
                other.update(|n| *n = 1);
                ARMED.store(true, Ordering::Relaxed);
            });
        }));
        ARMED.store(false, Ordering::Relaxed);
        other.update(|n| *n = 4);
        other.flush();

        assert_eq!(calls.load(Ordering::Relaxed), 2);
    });
}
