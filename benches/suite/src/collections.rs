//! Collections of 10,000 and a million entries: writes one entry by index and by key,
//! inserts and removes one, and writes 1 % of them as one commit.
//!
//! There are no subscribers. The writes take 1,024 entries in turn, spread over the
//! collection. reactive_stores has no paths to entries of maps. futures-signals has
//! collections of its own, a `BTreeMap` among them; eyeball and `watch` change the whole
//! in place. An operation that undoes its change after a panic makes a copy: sprag's
//! `update_at` copies the collection and its `transaction` the state, both of which `imbl`
//! makes cheap. The floor undoes nothing.

use std::cell::Cell;
use std::collections::HashMap;

use bench_harness::{Contest, Options, Report, Role, grouped};
use dioxus_signals::WritableExt;
use dioxus_stores::Store;
use eyeball::SharedObservable;
use futures_signals::signal_map::MutableBTreeMap;
use futures_signals::signal_vec::MutableVec;
use parking_lot::RwLock;
use reactive_graph::traits::{Set, Update};
use reactive_stores::StoreFieldIterator;
use sprag::{Model, create_model};

use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::Reactive;
use crate::shapes::dioxus::{Lists as DioxusLists, ListsStoreExt};
use crate::shapes::ours::Lists;
use crate::shapes::reactive::{Lists as ReactiveLists, ListsStoreFields};
use crate::shapes::{SharedLists, dioxus, reactive};

const STD: &str = "sprag, std";
const IMBL: &str = "sprag, imbl";

/// Both sizes.
pub(crate) fn run(options: &Options, report: &mut Report) {
    for entries in [10_000, options.pick(1_000_000, 100_000)] {
        let all = All::of(entries);
        by_index(&all, options, report);
        by_key(&all, options, report);
        push(&all, options, report);
        insert(&all, options, report);
        patch(&all, options, report);
    }
}

/// All contestants, filled.
struct All {
    entries: u64,
    lock: RwLock<Lists>,
    std: Model<Lists>,
    imbl: Model<SharedLists>,
    _owner: Reactive,
    reactive: reactive_stores::Store<ReactiveLists>,
    dioxus: Dioxus,
    store: Store<DioxusLists>,
    observable: SharedObservable<Lists>,
    vec: MutableVec<u64>,
    map: MutableBTreeMap<u64, u64>,
}

impl All {
    fn of(entries: u64) -> Self {
        let items: Vec<u64> = (0..entries).collect();
        let map: HashMap<u64, u64> = (0..entries).map(|key| (key, key)).collect();
        let lists = || Lists { value: 0, items: items.clone(), map: map.clone() };
        let shared = SharedLists {
            items: items.iter().copied().collect(),
            map: map.iter().map(|(k, v)| (*k, *v)).collect(),
        };
        let owner = Reactive::new();
        let dioxus = Dioxus::new();
        let store =
            || Store::new(dioxus::Lists { value: 0, items: items.clone(), map: map.clone() });
        Self {
            entries,
            lock: RwLock::new(lists()),
            std: create_model("std", lists()),
            imbl: create_model("imbl", shared),
            _owner: owner,
            reactive: reactive_stores::Store::new(reactive::Lists {
                value: 0,
                items: items.clone(),
                map: map.clone(),
            }),
            store: dioxus.enter(store),
            dioxus,
            observable: SharedObservable::new(lists()),
            vec: MutableVec::new_with_values(items.clone()),
            map: MutableBTreeMap::with_values(map.iter().map(|(k, v)| (*k, *v)).collect()),
        }
    }

    fn case(&self) -> String {
        format!("{} entries", grouped(self.entries))
    }

    /// An entry, and a value that differs from the entry's present one.
    fn next(&self) -> impl Fn() -> (u64, u64) + use<> {
        let (n, stride, entries) = (Cell::new(0), self.entries / 1_024, self.entries);
        move || {
            n.set(n.get() + 1);
            (n.get() * stride % entries, entries + n.get())
        }
    }
}

fn by_index(all: &All, options: &Options, report: &mut Report) {
    let next = &all.next();
    let reactive = all.reactive.items();
    let store = all.dioxus.enter(|| all.store.items());
    Contest::new("write an entry by index", all.case())
        .add(Role::Floor, LOCK, || {
            let (index, value) = next();
            all.lock.write().items[index as usize] = value;
        })
        .add(Role::Sprag, STD, || {
            let (index, value) = next();
            all.std.set(Lists::PATHS.items.at(index as usize), value)
        })
        .add(Role::Variant, IMBL, || {
            let (index, value) = next();
            all.imbl.set(SharedLists::PATHS.items.at(index as usize), value)
        })
        .add(Role::Peer, REACTIVE, || {
            let (index, value) = next();
            reactive.at_unkeyed(index as usize).set(value);
        })
        .add_batches(
            Role::Peer,
            DIOXUS,
            all.dioxus.batch(|| {
                let (index, value) = next();
                store.index(index as usize).set(value);
            }),
        )
        .add(Role::Peer, EYEBALL, || {
            let (index, value) = next();
            all.observable.update(|lists| lists.items[index as usize] = value);
        })
        .add(Role::Peer, "futures-signals, `MutableVec`", || {
            let (index, value) = next();
            all.vec.lock_mut().set(index as usize, value);
        })
        .run(options, report);
}

fn by_key(all: &All, options: &Options, report: &mut Report) {
    let next = &all.next();
    let store = all.dioxus.enter(|| all.store.map());
    Contest::new("write an entry by key", all.case())
        .add(Role::Floor, LOCK, || {
            let (key, value) = next();
            *all.lock.write().map.get_mut(&key).expect("the key is there") = value;
        })
        .add(Role::Sprag, STD, || {
            let (key, value) = next();
            all.std.set(Lists::PATHS.map.key(key), value)
        })
        .add(Role::Variant, IMBL, || {
            let (key, value) = next();
            all.imbl.set(SharedLists::PATHS.map.key(key), value)
        })
        .add_batches(
            Role::Peer,
            DIOXUS,
            all.dioxus.batch(|| {
                let (key, value) = next();
                store.get_unchecked(key).set(value);
            }),
        )
        .add(Role::Peer, EYEBALL, || {
            let (key, value) = next();
            all.observable.update(|lists| {
                lists.map.insert(key, value);
            });
        })
        .add(Role::Peer, "futures-signals, `MutableBTreeMap`", || {
            let (key, value) = next();
            all.map.lock_mut().insert(key, value);
        })
        .run(options, report);
}

fn push(all: &All, options: &Options, report: &mut Report) {
    let last = all.entries as usize;
    let reactive = all.reactive.items();
    let mut store = all.dioxus.enter(|| all.store.items());
    Contest::new("push, and remove the last", all.case())
        .add(Role::Floor, LOCK, || {
            all.lock.write().items.push(7);
            all.lock.write().items.pop()
        })
        .add(Role::Sprag, STD, || {
            all.std.push(Lists::PATHS.items, 7);
            all.std.remove(Lists::PATHS.items, last)
        })
        .add(Role::Variant, IMBL, || {
            all.imbl.push(SharedLists::PATHS.items, 7);
            all.imbl.remove(SharedLists::PATHS.items, last)
        })
        .add(Role::Peer, REACTIVE, || {
            reactive.update(|items| items.push(7));
            reactive.update(|items| items.truncate(last));
        })
        .add_batches(
            Role::Peer,
            DIOXUS,
            all.dioxus.batch(move || {
                store.push(7);
                store.remove(last)
            }),
        )
        .add(Role::Peer, EYEBALL, || {
            all.observable.update(|lists| lists.items.push(7));
            all.observable.update(|lists| lists.items.truncate(last));
        })
        .add(Role::Peer, "futures-signals, `MutableVec`", || {
            all.vec.lock_mut().push(7);
            all.vec.lock_mut().pop()
        })
        .run(options, report);
}

fn insert(all: &All, options: &Options, report: &mut Report) {
    let key = all.entries;
    let mut store = all.dioxus.enter(|| all.store.map());
    Contest::new("insert a key, and remove it", all.case())
        .add(Role::Floor, LOCK, || {
            all.lock.write().map.insert(key, 7);
            all.lock.write().map.remove(&key)
        })
        .add(Role::Sprag, STD, || {
            all.std.insert(Lists::PATHS.map, key, 7);
            all.std.remove(Lists::PATHS.map, key)
        })
        .add(Role::Variant, IMBL, || {
            all.imbl.insert(SharedLists::PATHS.map, key, 7);
            all.imbl.remove(SharedLists::PATHS.map, key)
        })
        .add_batches(
            Role::Peer,
            DIOXUS,
            all.dioxus.batch(move || {
                store.insert(key, 7);
                store.remove(&key)
            }),
        )
        .add(Role::Peer, EYEBALL, || {
            all.observable.update(|lists| {
                lists.map.insert(key, 7);
            });
            all.observable.update(|lists| {
                lists.map.remove(&key);
            });
        })
        .add(Role::Peer, "futures-signals, `MutableBTreeMap`", || {
            all.map.lock_mut().insert(key, 7);
            all.map.lock_mut().remove(&key)
        })
        .run(options, report);
}

fn patch(all: &All, options: &Options, report: &mut Report) {
    let n = Cell::new(0);
    let indexes = || (0..all.entries as usize).step_by(100);
    let value = || {
        n.set(n.get() + 1);
        n.get()
    };
    let reactive = all.reactive.items();
    let mut store = all.dioxus.enter(|| all.store.items());
    Contest::new("write 1 % of the entries as one commit", all.case())
        .add(Role::Floor, LOCK, || {
            let mut lists = all.lock.write();
            indexes().for_each(|index| lists.items[index] = value());
        })
        .add(Role::Sprag, "sprag, std, `update_at`", || {
            all.std.update_at(Lists::PATHS.items, |items| {
                indexes().for_each(|index| items[index] = value());
            });
        })
        .add(Role::Variant, "sprag, imbl, `update_at`", || {
            all.imbl.update_at(SharedLists::PATHS.items, |items| {
                indexes().for_each(|index| items[index] = value());
            });
        })
        .add(Role::Variant, "sprag, imbl, `transaction`", || {
            all.imbl.transaction(|tx| {
                indexes().try_for_each(|index| {
                    tx.set(SharedLists::PATHS.items.at(index), value()).map(drop)
                })
            })
        })
        .add(Role::Peer, REACTIVE, || {
            reactive.update(|items| indexes().for_each(|index| items[index] = value()));
        })
        .add_batches(
            Role::Peer,
            DIOXUS,
            all.dioxus.batch(move || {
                store.with_mut(|items| indexes().for_each(|index| items[index] = value()));
            }),
        )
        .add(Role::Peer, EYEBALL, || {
            all.observable.update(|lists| indexes().for_each(|index| lists.items[index] = value()));
        })
        .add(Role::Peer, "futures-signals, `MutableVec`", || {
            let mut items = all.vec.lock_mut();
            indexes().for_each(|index| items.set(index, value()));
        })
        .run(options, report);
}
