//! Writes of entries that fail are undone whole, and removed entries are dropped after the
//! lock.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use sprag::prelude::*;

use crate::domain::{Fragile, Log, failing_at_each_step};

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Glass {
    list: Vec<Fragile>,
    deque: VecDeque<Fragile>,
    map: BTreeMap<u32, Fragile>,
    hashed: HashMap<u32, Fragile>,
}

/// The values of a glass, read without a clone or a comparison.
fn values(glass: &Model<Glass>) -> [Vec<u32>; 6] {
    glass.read(|glass| {
        let hashed: BTreeMap<_, _> = glass.hashed.iter().map(|(k, item)| (*k, item.0)).collect();
        [
            glass.list.iter().map(|item| item.0).collect(),
            glass.deque.iter().map(|item| item.0).collect(),
            glass.map.keys().copied().collect(),
            glass.map.values().map(|item| item.0).collect(),
            hashed.keys().copied().collect(),
            hashed.values().copied().collect(),
        ]
    })
}

/// Watched entries are cloned before the write, compared after the write, and cloned for
/// their subscribers: a write can fail before and after the state has changed.
#[test]
fn i5_a_write_of_entries_that_fails_anywhere_is_undone_whole() {
    let made = [4, 2, 3, 1, 5];
    let entries = || made.map(|n| (n, Fragile(n)));
    let writes: [fn(&Model<Glass>); 13] = [
        |glass| glass.sort_by_key(Glass::PATHS.list, |item| item.0),
        |glass| glass.sort_by_key(Glass::PATHS.deque, |item| item.0),
        |glass| glass.retain(Glass::PATHS.list, |item| item.0 % 2 == 0),
        |glass| glass.retain(Glass::PATHS.deque, |item| item.0 % 2 == 1),
        |glass| glass.retain(Glass::PATHS.map, |(key, _)| key % 2 == 0),
        |glass| glass.retain(Glass::PATHS.hashed, |(key, _)| key % 2 == 0),
        |glass| {
            glass.remove(Glass::PATHS.list, 1usize);
        },
        |glass| {
            glass.pop(Glass::PATHS.deque);
        },
        |glass| {
            glass.remove(Glass::PATHS.map, 3);
        },
        |glass| {
            glass.insert(Glass::PATHS.map, 3, Fragile(30));
        },
        |glass| {
            glass.insert(Glass::PATHS.hashed, 30, Fragile(30));
        },
        |glass| glass.push(Glass::PATHS.list, Fragile(6)),
        |glass| glass.extend(Glass::PATHS.deque, [6, 7].map(Fragile)),
    ];
    for (which, write) in writes.into_iter().enumerate() {
        for held in [false, true] {
            let glass = create_model("glass", Glass::default());
            glass.replace(Glass {
                list: made.map(Fragile).into(),
                deque: made.map(Fragile).into(),
                map: entries().into(),
                hashed: entries().into(),
            });
            let seen = Log::default();
            let (log, map, deque) = (seen.clone(), seen.clone(), seen.clone());
            let _guards = [
                glass.subscribe(
                    (Glass::PATHS.list.at(2), Glass::PATHS.list.at(5), Glass::PATHS.list.at(0)),
                    move |_, _| log.push(()),
                ),
                glass.subscribe(
                    (Glass::PATHS.map.key(3), Glass::PATHS.hashed.key(3), Glass::PATHS.map.key(2)),
                    move |_, _| map.push(()),
                ),
                glass.subscribe(
                    (Glass::PATHS.deque.at(4), Glass::PATHS.deque.at(0), Glass::PATHS.deque.at(5)),
                    move |_, _| deque.push(()),
                ),
                glass.subscribe((Glass::PATHS.hashed.key(30), Glass::PATHS.map.key(4)), |_, _| {}),
            ];
            let (before, version) = (values(&glass), glass.version());
            let _snapshot = held.then(|| glass.snapshot());

            let failures = failing_at_each_step(
                || write(&glass),
                || {
                    assert_eq!(values(&glass), before, "{which}");
                    assert_eq!(glass.version(), version);
                    assert_eq!(seen.take(), []);
                },
            );

            assert!(failures > 0, "{which} cannot fail");
            assert_ne!(values(&glass), before, "{which}");
        }
    }
}

/// Touches its model when it is dropped, which panics under the model's lock.
#[derive(Debug, Default, PartialEq)]
struct Loud(u32);

/// At the same time every other holder of the value drops it.
impl Clone for Loud {
    fn clone(&self) -> Self {
        drop(HELD.take());
        Self(self.0)
    }
}

thread_local! {
    static HEARD: std::cell::RefCell<Option<Model<Noisy>>> = const { std::cell::RefCell::new(None) };
    static HELD: std::cell::RefCell<Option<Arc<Sound>>> = const { std::cell::RefCell::new(None) };
    static DROPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl Drop for Loud {
    fn drop(&mut self) {
        let model = HEARD.try_with(|heard| heard.borrow().clone());
        if let Ok(Some(model)) = model {
            model.version();
            DROPS.set(DROPS.get() + 1);
        }
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(leaf)]
struct Sound {
    loud: Loud,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Noisy {
    list: Vec<Sound>,
    map: HashMap<u32, Sound>,
    shared: Arc<Sound>,
}

#[test]
fn i2_removed_entries_are_dropped_after_the_lock() {
    let noisy = create_model("noisy", Noisy::default());
    let sound = |n| Sound { loud: Loud(n) };
    noisy.extend(Noisy::PATHS.list, (0..4).map(sound));
    noisy.update(|noisy| noisy.map = (0..4).map(|n| (n, sound(n))).collect());
    HEARD.set(Some(noisy.clone()));

    noisy.retain(Noisy::PATHS.list, |sound| sound.loud.0 != 1);
    noisy.retain(Noisy::PATHS.map, |(key, _)| *key != 1);
    drop(noisy.insert(Noisy::PATHS.map, 2, sound(20)));
    assert_eq!(DROPS.take(), 3);

    let _: Result<(), ()> = noisy.transaction(|tx| {
        tx.retain(Noisy::PATHS.list, |sound| sound.loud.0 != 2);
        tx.retain(Noisy::PATHS.map, |(key, _)| *key != 2);
        assert_eq!(DROPS.get(), 0);
        Ok(())
    });
    assert!(DROPS.take() >= 2);

    drop(noisy.set(Noisy::PATHS.shared, Arc::new(sound(5))));
    DROPS.take();
    HELD.set(Some(Arc::clone(&noisy.snapshot().shared)));
    drop(noisy.set(Noisy::PATHS.shared.deref(), sound(1)));
    assert_eq!(DROPS.take(), 2, "the value that was shared, and the old one that `set` gave back");

    HEARD.set(None);
}
