//! I2, I5: the values that a commit has captured for its subscribers when the capture of
//! another one panics.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex};

use sprag::prelude::*;

/// So small that a commit captures clones. Its drop reads the model.
#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Reading {
    number: u32,
}

/// Whether drops are noted, and for each drop, whether the model could be read.
static DROPS: Mutex<Option<Vec<bool>>> = Mutex::new(None);

impl Drop for Reading {
    fn drop(&mut self) {
        if DROPS.lock().unwrap().is_some() {
            let is_free = catch_unwind(AssertUnwindSafe(|| METER.get(Meter::PATHS.other))).is_ok();
            if let Some(drops) = &mut *DROPS.lock().unwrap() {
                drops.push(is_free);
            }
        }
    }
}

/// The number of the clone that panics; zero for none.
static PANICS: AtomicUsize = AtomicUsize::new(0);

#[derive(Model, Debug, Default, PartialEq)]
struct Grumpy {
    number: u32,
}

impl Clone for Grumpy {
    fn clone(&self) -> Self {
        let left = PANICS.load(Relaxed);
        PANICS.store(left.saturating_sub(1), Relaxed);
        assert_ne!(left, 1, "the test's panic");
        Self { number: self.number }
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Meter {
    both: Both,
    other: u32,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Both {
    reading: Reading,
    map: BTreeMap<u32, Reading>,
    list: Vec<Reading>,
    grumpy: Grumpy,
}

static METER: LazyLock<Model<Meter>> = LazyLock::new(|| create_model("meter", Meter::default()));

fn both(number: u32) -> Both {
    let reading = || Reading { number };
    let (map, list) = ([(7, reading())].into(), vec![reading()]);
    Both { reading: reading(), map, list, grumpy: Grumpy { number } }
}

#[test]
fn i2_values_that_are_not_delivered_after_all_are_dropped_after_the_lock() {
    let paths = Meter::PATHS.both;
    METER.set(paths, both(1));
    let delivered = || {
        static DELIVERED: AtomicUsize = AtomicUsize::new(0);
        (|| DELIVERED.fetch_add(1, Relaxed), || DELIVERED.load(Relaxed))
    };
    let (deliver, delivered) = delivered();
    type Watch = fn(fn() -> usize) -> Subscription;
    let watchers: [Watch; 4] = [
        |deliver| METER.subscribe(Meter::PATHS.both.reading, move |_, _| _ = deliver()),
        |deliver| {
            let reading = Meter::PATHS.both.reading;
            METER.subscribe((reading, reading.number), move |_, _| _ = deliver())
        },
        |deliver| {
            let number = Meter::PATHS.both.reading.number.map(|number| *number);
            METER.subscribe(number, move |_, _| _ = deliver())
        },
        |deliver| METER.subscribe(Meter::PATHS.both.map.each(), move |_, _| _ = deliver()),
    ];
    for (watch, of) in watchers.into_iter().zip(0..) {
        let _subscriptions = [watch(deliver), METER.subscribe(paths.grumpy, |_, _| ())];
        let new = both(2);
        PANICS.store(1, Relaxed);
        *DROPS.lock().unwrap() = Some(Vec::new());
        let written = catch_unwind(AssertUnwindSafe(|| METER.set(paths, new)));
        let drops = DROPS.lock().unwrap().take().unwrap();
        assert!(written.is_err() && PANICS.load(Relaxed) == 0, "{of}");

        // At least the two of the value that was not set.
        assert!(drops.len() >= 2 && drops.iter().all(|is_free| *is_free), "{of}: {drops:?}");
        assert_eq!((METER.get(paths), delivered()), (both(1), 0), "{of}");
    }
    #[cfg(feature = "serde")]
    a_commit_that_is_not_delivered_after_all_is_dropped_after_the_lock();
}

/// A part of the test before, since only one write may panic at a time.
#[cfg(feature = "serde")]
fn a_commit_that_is_not_delivered_after_all_is_dropped_after_the_lock() {
    use futures_util::{FutureExt, StreamExt};

    let paths = Meter::PATHS.both;
    // The value at an index is cloned for each commit, since elements may move.
    let mut changes = METER.changes().at(paths.list.at(0));
    let _subscription = METER.subscribe(paths.grumpy, |_, _| ());
    let clones = [2, 3, 4].map(|number| {
        PANICS.store(100, Relaxed);
        METER.set(paths, both(number));
        100 - PANICS.swap(0, Relaxed)
    });
    assert!((0..3).all(|_| changes.next().now_or_never().is_some()));

    // The last clone is the one for the subscription, and the reader's commit is captured.
    let new = both(5);
    PANICS.store(clones[2], Relaxed);
    *DROPS.lock().unwrap() = Some(Vec::new());
    let written = catch_unwind(AssertUnwindSafe(|| METER.set(paths, new)));
    let drops = DROPS.lock().unwrap().take().unwrap();
    assert!(written.is_err() && PANICS.load(Relaxed) == 0, "{clones:?}");
    assert!(drops.len() >= 4 && drops.iter().all(|is_free| *is_free), "{drops:?}");
    assert_eq!(METER.get(paths), both(4));
    assert!(changes.next().now_or_never().is_none());
}

#[test]
fn i2_values_that_a_transaction_refuses_are_dropped_after_the_lock() {
    static SHELF: LazyLock<Model<Shelf>> =
        LazyLock::new(|| create_model("shelf", Shelf::default()));
    static FREE: Mutex<Vec<bool>> = Mutex::new(Vec::new());

    /// Notes whether the model could be read when it was dropped.
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Watched {
        number: u32,
    }

    impl Drop for Watched {
        fn drop(&mut self) {
            if self.number > 0 {
                let read = || SHELF.get(Shelf::PATHS.other);
                FREE.lock().unwrap().push(catch_unwind(AssertUnwindSafe(read)).is_ok());
            }
        }
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Shelf {
        map: BTreeMap<u32, Watched>,
        rows: BTreeMap<u32, BTreeMap<u32, Watched>>,
        other: u32,
    }

    let done = SHELF.transaction(|tx| {
        let watched = || Watched { number: 1 };
        assert!(tx.set(Shelf::PATHS.map.key(7), watched()).is_err());
        assert!(tx.insert(Shelf::PATHS.rows.key(7), 1, watched()).is_err());
        Ok::<_, ()>(tx.set(Shelf::PATHS.other, 1))
    });

    assert_eq!((done, SHELF.version()), (Ok(0), 1));
    assert_eq!(*FREE.lock().unwrap(), [true, true]);
}
