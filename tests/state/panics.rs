//! Panics of users' code are isolated, or take the write back.

use std::sync::atomic::{AtomicBool, Ordering};

use sprag::prelude::*;

use crate::domain::*;

#[test]
fn i5_a_panicking_subscriber_is_counted_and_the_others_still_run() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("in the drop of a panic's payload");
            }
        }
    }
    let tv = tv();
    let seen = Log::default();
    let log = seen.clone();
    let bomb = Bomb;
    let panicking = tv.subscribe(Tv::PATHS.casting, move |_, _| {
        let _captured = &bomb;
        std::panic::panic_any(Bomb);
    });
    let _calm = tv.subscribe(Tv::PATHS.casting, move |on, _| log.push(*on));

    tv.set(Tv::PATHS.casting, true);
    tv.set(Tv::PATHS.casting, false);
    drop(panicking);
    tv.set(Tv::PATHS.casting, true);

    assert_eq!(seen.take(), [true, false, true]);
    assert_eq!(tv.panics(), 2);
}

#[test]
fn i5_a_panicking_selector_is_isolated() {
    let tv = tv();
    let seen = Log::default();
    let log = seen.clone();
    let _odd = tv.subscribe(
        Tv::PATHS.playback.position.map(|position| {
            assert_ne!(*position, 1, "one is too few");
            *position
        }),
        move |position, _| log.push(*position),
    );

    for position in 1..=2 {
        tv.set(Tv::PATHS.playback.position, position);
    }

    assert_eq!(seen.take(), [2]);
    assert_eq!(tv.panics(), 1);
}

/// Panics in `clone` or `eq` on demand.
#[derive(Debug, Default)]
struct Fragile(u32);

static CLONE_PANICS: AtomicBool = AtomicBool::new(false);
static EQ_PANICS: AtomicBool = AtomicBool::new(false);

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(!CLONE_PANICS.load(Ordering::Relaxed), "clone");
        Self(self.0)
    }
}

impl PartialEq for Fragile {
    fn eq(&self, other: &Self) -> bool {
        assert!(!EQ_PANICS.load(Ordering::Relaxed), "eq");
        self.0 == other.0
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Shelf {
    number: u32,
    #[model(leaf)]
    fragile: Fragile,
    by_key: std::collections::BTreeMap<u32, Glass>,
    row: Vec<Glass>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Glass {
    #[model(leaf)]
    fragile: Fragile,
}

#[test]
fn i5_a_panic_in_clone_or_eq_takes_the_write_back() {
    let glass = |n| Glass { fragile: Fragile(n) };
    let shelf = create_model("shelf", Shelf::default());
    shelf.insert(Shelf::PATHS.by_key, 1, glass(1));
    shelf.push(Shelf::PATHS.row, glass(1));
    shelf.push(Shelf::PATHS.row, glass(1));
    let seen = Log::default();
    let log = |name: &'static str| {
        let seen = seen.clone();
        move || seen.push(name)
    };
    let (whole, number, value, key, row) =
        (log("whole"), log("number"), log("value"), log("key"), log("row"));
    let _subscriptions = [
        shelf.subscribe(Shelf::PATHS.path(), move |_, _| whole()),
        shelf.subscribe(Shelf::PATHS.number, move |_, _| number()),
        shelf.subscribe(Shelf::PATHS.fragile, move |_, _| value()),
        shelf.subscribe(Shelf::PATHS.by_key.key(1), move |_, _| key()),
        shelf.subscribe(Shelf::PATHS.row.at(0), move |_, _| row()),
    ];
    let version = shelf.version();
    let held = shelf.snapshot();
    let writes: [(&str, &dyn Fn()); 8] = [
        ("set", &|| {
            shelf.set(Shelf::PATHS.fragile, Fragile(9));
        }),
        ("set by key", &|| drop(shelf.set(Shelf::PATHS.by_key.key(1), glass(9)))),
        ("insert", &|| {
            shelf.insert(Shelf::PATHS.by_key, 1, glass(9));
        }),
        ("remove", &|| {
            shelf.remove(Shelf::PATHS.row, 0usize);
        }),
        ("update", &|| shelf.update(|shelf| shelf.fragile = Fragile(9))),
        ("update_at", &|| shelf.update_at(Shelf::PATHS.fragile, |value| value.0 = 9)),
        ("patch", &|| shelf.patch(ShelfPatch::new().number(9).fragile(Fragile(9)))),
        ("transaction", &|| {
            shelf
                .transaction(|tx| {
                    tx.set(Shelf::PATHS.number, 9);
                    tx.set(Shelf::PATHS.fragile, Fragile(9));
                    Ok::<_, ()>(())
                })
                .unwrap();
        }),
    ];

    for (name, write) in writes {
        for switch in [&CLONE_PANICS, &EQ_PANICS] {
            switch.store(true, Ordering::Relaxed);
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(write));
            switch.store(false, Ordering::Relaxed);
            // A held snapshot makes every write clone; only some of them compare.
            if outcome.is_err() {
                assert_eq!(shelf.version(), version, "{name}");
                assert_eq!(*shelf.snapshot(), *held, "{name}");
                assert!(seen.take().is_empty(), "{name}");
            } else {
                panic!("`{name}` neither cloned nor compared what it writes");
            }
        }
    }
    drop(held);

    // Without a snapshot the write is made in place, and is taken back in place.
    for (name, write) in writes {
        EQ_PANICS.store(true, Ordering::Relaxed);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(write));
        EQ_PANICS.store(false, Ordering::Relaxed);
        assert!(outcome.is_err(), "{name}");
        assert_eq!(shelf.version(), version, "{name}");
        assert_eq!(shelf.get(Shelf::PATHS.row.at(0)), Some(glass(1)), "{name}");
        assert_eq!(shelf.get(Shelf::PATHS.by_key.key(1)), Some(glass(1)), "{name}");
        assert_eq!(shelf.get(Shelf::PATHS.number), 0, "{name}");
    }
    shelf.set(Shelf::PATHS.fragile, Fragile(2));
    assert_eq!(seen.take(), ["whole", "value"], "everything works as before");
}
