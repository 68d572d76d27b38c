//! Writes of a collection's entries: the subscribers that they notify, the state after a
//! failure, and the values that users' closures must not see.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;

use crate::domain::{Log, panic_of};

/// Counts its clones and comparisons, the only ways to evaluate a subscription.
#[derive(Debug, Default)]
struct Counted {
    n: u32,
    asked: Arc<AtomicUsize>,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Self { n: self.n, asked: Arc::clone(&self.asked) }
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.n == other.n
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(leaf)]
struct Item {
    counted: Counted,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Shop {
    stock: HashMap<u32, Item>,
    queue: Vec<Item>,
    shelves: BTreeMap<String, Shelf>,
    turn: VecDeque<u32>,
    prices: [u32; 3],
    names: Vec<String>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Shelf {
    items: HashMap<u32, Item>,
    order: Vec<u32>,
    label: String,
}

/// Items that count together.
#[derive(Default)]
struct Counter(Arc<AtomicUsize>);

impl Counter {
    fn item(&self, n: u32) -> Item {
        Item { counted: Counted { n, asked: Arc::clone(&self.0) } }
    }

    /// The number of clones and comparisons since the last call.
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

fn shop() -> Model<Shop> {
    create_model("shop", Shop::default())
}

#[test]
fn i7_a_write_of_one_entry_does_not_evaluate_watchers_of_others() {
    let (shop, counter) = (shop(), Counter::default());
    shop.update(|shop| shop.stock = (0..1_000).map(|n| (n, counter.item(n))).collect());
    let _others: Vec<_> = (0..1_000)
        .filter(|n| *n != 7)
        .map(|n| shop.subscribe(Shop::PATHS.stock.key(n), |_, _| {}))
        .collect();
    let seen = Log::default();
    let log = seen.clone();
    let _seven = shop.subscribe(Shop::PATHS.stock.key(7), move |item, _| {
        log.push(item.map(|item| item.counted.n));
    });
    counter.take();

    shop.set(Shop::PATHS.stock.key(7), counter.item(70)).unwrap();
    shop.insert(Shop::PATHS.stock, 7, counter.item(71));
    shop.remove(Shop::PATHS.stock, 7);
    shop.insert(Shop::PATHS.stock, 5_000, counter.item(0));

    assert_eq!(seen.take(), [Some(70), Some(71), None]);
    assert!(counter.take() < 20, "the watchers of other keys were asked");
}

#[test]
fn i7_behind_a_key_too_a_write_evaluates_only_affected_subscriptions() {
    let (shop, counter) = (shop(), Counter::default());
    let items = (0..1_000).map(|n| (n, counter.item(n))).collect();
    shop.insert(Shop::PATHS.shelves, "a", Shelf { items, ..Shelf::default() });
    let items = Shop::PATHS.shelves.key("a").then(Shelf::PATHS.items);
    let _others: Vec<_> = (1..1_000).map(|n| shop.subscribe(items.key(n), |_, _| {})).collect();
    counter.take();

    shop.set(items.key(0), counter.item(1)).unwrap();
    shop.set(Shop::PATHS.shelves.key("a").then(Shelf::PATHS.label), "first".into()).unwrap();

    assert!(counter.take() < 20, "the watchers of other keys were asked");
}

#[test]
fn i7_an_outline_is_not_evaluated_when_the_content_of_an_entry_is_written() {
    let (shop, counter) = (shop(), Counter::default());
    shop.insert(Shop::PATHS.stock, 1, counter.item(1));
    shop.push(Shop::PATHS.queue, counter.item(1));
    let seen = Log::default();
    let (len, keys, queue) = (seen.clone(), seen.clone(), seen.clone());
    let _guards = (
        shop.subscribe(Shop::PATHS.stock.len(), move |n, _| len.push(format!("len {n}"))),
        shop.subscribe(Shop::PATHS.stock.keys(), move |keys_, _| {
            let mut sorted: Vec<_> = keys_.iter().copied().collect();
            sorted.sort_unstable();
            keys.push(format!("keys {sorted:?}"));
        }),
        shop.subscribe(Shop::PATHS.queue.len(), move |n, _| queue.push(format!("queue {n}"))),
    );

    shop.set(Shop::PATHS.stock.key(1), counter.item(2)).unwrap();
    shop.insert(Shop::PATHS.stock, 1, counter.item(3));
    shop.set(Shop::PATHS.queue.at(0), counter.item(2)).unwrap();
    shop.sort_by_key(Shop::PATHS.queue, |item| item.counted.n);
    assert_eq!(seen.take(), [""; 0]);

    shop.insert(Shop::PATHS.stock, 2, counter.item(1));
    shop.push(Shop::PATHS.queue, counter.item(1));
    shop.retain(Shop::PATHS.stock, |(key, _)| *key == 2);
    shop.set(Shop::PATHS.stock, HashMap::from([(2, counter.item(9))]));
    shop.update(|shop| shop.queue.clear());
    assert_eq!(seen.take(), ["len 2", "keys [1, 2]", "queue 2", "len 1", "keys [2]", "queue 0"],);
}

/// Making the keys clones them, which counts.
#[test]
fn i7_keys_are_not_looked_at_when_an_entry_is_written() {
    #[derive(Model, Debug)]
    #[model(leaf)]
    struct Key(u32);

    thread_local! {
        static CLONES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    impl Clone for Key {
        fn clone(&self) -> Self {
            CLONES.set(CLONES.get() + 1);
            Self(self.0)
        }
    }

    impl PartialEq for Key {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }

    impl Eq for Key {}

    impl PartialOrd for Key {
        fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }

    impl Ord for Key {
        fn cmp(&self, other: &Self) -> std::cmp::Ordering {
            self.0.cmp(&other.0)
        }
    }

    impl std::hash::Hash for Key {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    struct Keyed {
        map: BTreeMap<Key, u32>,
    }

    let map = (0..100).map(|n| (Key(n), n)).collect();
    let model = create_model("keyed", Keyed { map });
    let lens = Log::default();
    let log = lens.clone();
    let _keys = model.subscribe(Keyed::PATHS.map.keys(), move |keys, _| log.push(keys.len()));
    let seven = Key(7);
    // The first write copies the state, whose first version `reset` keeps.
    model.set(Keyed::PATHS.map.key(&seven), 7).unwrap();
    CLONES.set(0);

    model.set(Keyed::PATHS.map.key(&seven), 8).unwrap();
    model.update_at(Keyed::PATHS.map.key(&seven), |n| *n += 1).unwrap();
    assert_eq!(CLONES.get(), 0, "a key was cloned");

    model.remove(Keyed::PATHS.map, &seven);
    assert_eq!(lens.take(), [99]);
}

#[test]
fn i7_removing_an_element_evaluates_watchers_of_its_index_and_later_ones() {
    let (shop, counter) = (shop(), Counter::default());
    shop.extend(Shop::PATHS.queue, (0..100).map(|n| counter.item(n)));
    let seen = Log::default();
    let _guards: Vec<_> = (0..100)
        .map(|index| {
            let log = seen.clone();
            shop.subscribe(Shop::PATHS.queue.at(index), move |item, _| {
                log.push((index, item.map(|item| item.counted.n)));
            })
        })
        .collect();
    counter.take();

    shop.remove(Shop::PATHS.queue, 98usize);
    assert_eq!(seen.take(), [(98, Some(99)), (99, None)]);
    assert!(counter.take() < 10, "those before it were asked");

    shop.push(Shop::PATHS.queue, counter.item(7));
    assert_eq!(seen.take(), [(99, Some(7))]);
    assert!(counter.take() < 10, "those before it were asked");

    assert_eq!(shop.pop(Shop::PATHS.queue).map(|item| item.counted.n), Some(7));
    assert_eq!(seen.take(), [(99, None)]);

    shop.retain(Shop::PATHS.queue, |item| item.counted.n != 97);
    assert_eq!(seen.take(), [(97, Some(99)), (98, None)]);
}

#[test]
fn sort_notifies_watchers_of_the_indices_whose_value_differs() {
    let shop = shop();
    shop.extend(Shop::PATHS.turn, [1, 3, 2, 4]);
    shop.set(Shop::PATHS.prices, [3, 2, 1]);
    let seen = Log::default();
    let _guards: Vec<_> = (0..4)
        .map(|index| {
            let log = seen.clone();
            shop.subscribe(Shop::PATHS.turn.at(index), move |n, _| log.push((index, n.copied())))
        })
        .collect();
    let version = shop.version();

    shop.sort(Shop::PATHS.turn);
    assert_eq!(shop.version(), version + 1);
    assert_eq!(seen.take(), [(1, Some(2)), (2, Some(3))]);

    shop.sort(Shop::PATHS.turn);
    assert_eq!(shop.version(), version + 1, "nothing moved, so nothing is committed");

    shop.sort_by(Shop::PATHS.turn, |a, b| b.cmp(a));
    shop.sort(Shop::PATHS.prices);
    assert_eq!(shop.get(Shop::PATHS.turn), [4, 3, 2, 1]);
    assert_eq!(shop.get(Shop::PATHS.prices), [1, 2, 3]);
}

#[test]
fn sort_is_stable() {
    let shop = shop();
    shop.set(Shop::PATHS.names, ["bb", "a", "cc", "b", "aa"].map(String::from).to_vec());
    shop.sort_by_key(Shop::PATHS.names, String::len);
    assert_eq!(shop.get(Shop::PATHS.names), ["a", "b", "bb", "cc", "aa"]);
}

#[test]
fn writes_that_find_nothing_to_do_commit_nothing() {
    let shop = shop();
    shop.retain(Shop::PATHS.stock, |_| false);
    shop.extend(Shop::PATHS.turn, []);
    assert_eq!(shop.pop(Shop::PATHS.turn), None);
    shop.sort(Shop::PATHS.turn);
    assert_eq!(shop.version(), 0);

    let order = Shop::PATHS.shelves.key("none").then(Shelf::PATHS.order);
    assert_eq!(shop.retain(order, |_| true).unwrap_err().path(), "shelves.none.order");
    assert!(shop.sort(order).is_err() && shop.pop(order).is_err());
    assert!(shop.extend(order, [1]).is_err());
    assert_eq!(shop.version(), 0);
}

/// A model on whose list, map and sequence a closure is about to fail, with a subscriber
/// that must not be notified.
fn filled() -> (Model<Shop>, Log<()>, [Subscription; 3]) {
    let (shop, log) = (shop(), Log::default());
    shop.extend(Shop::PATHS.turn, [3, 1, 2]);
    shop.insert(Shop::PATHS.shelves, "a", Shelf::default());
    shop.insert(Shop::PATHS.shelves, "b", Shelf::default());
    let (root, len, at) = (log.clone(), log.clone(), log.clone());
    let guards = [
        shop.subscribe(Shop::PATHS.path(), move |_, _| root.push(())),
        shop.subscribe(Shop::PATHS.turn.len(), move |_, _| len.push(())),
        shop.subscribe(Shop::PATHS.turn.at(0), move |_, _| at.push(())),
    ];
    (shop, log, guards)
}

#[test]
fn i5_a_panicking_closure_leaves_a_collection_as_it_was() {
    let (shop, log, _guards) = filled();
    let (before, version) = (shop.snapshot(), shop.version());
    let mut asked = 0;
    let mut second_panics = || {
        asked += 1;
        assert!(asked % 2 == 1, "the second one");
        false
    };

    panic_of(|| shop.retain(Shop::PATHS.turn, |_| second_panics()));
    panic_of(|| shop.retain(Shop::PATHS.shelves, |_| second_panics()));
    panic_of(|| shop.sort_by(Shop::PATHS.turn, |_, _| panic!("no order")));
    panic_of(|| shop.extend(Shop::PATHS.turn, [1, 2].into_iter().inspect(|n| assert_eq!(*n, 1))));
    panic_of(|| {
        let _: Result<(), ()> = shop.transaction(|tx| {
            tx.retain(Shop::PATHS.turn, |n| *n != 1);
            tx.sort(Shop::PATHS.turn);
            tx.pop(Shop::PATHS.turn);
            tx.extend(Shop::PATHS.turn, [5, 6]);
            panic!("all of it is taken back");
        });
    });

    assert_eq!(shop.version(), version);
    assert_eq!(*shop.snapshot(), *before);
    assert_eq!(log.take(), []);
}

#[test]
fn i2_the_closures_of_retain_and_sort_must_not_touch_their_model() {
    let (shop, _log, _guards) = filled();
    let touch = || {
        shop.version();
        true
    };
    let said = panic_of(|| shop.retain(Shop::PATHS.turn, |_| touch()));
    assert!(said.contains("`shop`"), "{said}");
    let said = panic_of(|| shop.sort_by_key(Shop::PATHS.turn, |_| touch()));
    assert!(said.contains("`shop`"), "{said}");
}

#[test]
fn changes_name_the_entry_or_the_collection() {
    use futures_util::{FutureExt, StreamExt};

    let shop = shop();
    let mut changes = shop.changes();
    let mut next = || {
        let commit = changes.next().now_or_never().flatten().unwrap().unwrap();
        commit.changes().map(|change| change.path()).collect::<Vec<_>>().join(" ")
    };
    shop.extend(Shop::PATHS.turn, [2, 1]);
    assert_eq!(next(), "turn.0 turn.1");
    shop.push(Shop::PATHS.turn, 0);
    assert_eq!(next(), "turn.2");
    shop.sort(Shop::PATHS.turn);
    assert_eq!(next(), "turn");
    shop.pop(Shop::PATHS.turn);
    assert_eq!(next(), "turn.2");
    shop.insert(Shop::PATHS.shelves, "a", Shelf::default());
    assert_eq!(next(), "shelves.a");
    {
        let key = String::from("a");
        shop.set(Shop::PATHS.shelves.key(key.as_str()).then(Shelf::PATHS.label), "x".into())
            .unwrap();
    }
    assert_eq!(next(), "shelves.a.label");
    let _: Result<(), ()> = shop.transaction(|tx| {
        tx.retain(Shop::PATHS.turn, |n| *n > 0);
        tx.set(Shop::PATHS.shelves.key("a").then(Shelf::PATHS.label), "y".into()).unwrap();
        Ok(())
    });
    assert_eq!(next(), "turn.0 shelves.a.label"); // in the order in which they were written
}

#[test]
fn outlines_are_selectors_like_others() {
    let shop = shop();
    shop.insert(Shop::PATHS.stock, 1, Item::default());
    assert_eq!(shop.select(Shop::PATHS.stock.len()), 1);
    assert_eq!(shop.select(Shop::PATHS.stock.keys()), HashSet::from([1]));
    assert_eq!(shop.select(Shop::PATHS.shelves.key("a").then(Shelf::PATHS.items).len()), None);

    let seen = Log::default();
    let log = seen.clone();
    let order = Shop::PATHS.shelves.key("a").then(Shelf::PATHS.order);
    let _now = shop.subscribe_now(order.len(), move |len, _| log.push(len.copied()));
    shop.insert(Shop::PATHS.shelves, "a", Shelf::default());
    shop.push(order, 7).unwrap();
    shop.set(order.at(0), 8).unwrap();
    shop.set(Shop::PATHS.shelves.key("a").then(Shelf::PATHS.label), "x".into()).unwrap();
    assert_eq!(seen.take(), [None, Some(0), Some(1)]);
}

#[test]
fn i6_keys_with_equal_hashes_are_distinguished() {
    #[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    #[model(leaf)]
    struct Same(u32);

    impl std::hash::Hash for Same {
        fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Crowd {
        all: BTreeMap<Same, Shelf>,
    }

    let crowd = create_model("crowd", Crowd::default());
    crowd.insert(Crowd::PATHS.all, Same(1), Shelf::default());
    crowd.insert(Crowd::PATHS.all, Same(2), Shelf::default());
    let seen = Log::default();
    let (whole, label, len, first) = (seen.clone(), seen.clone(), seen.clone(), seen.clone());
    let two = Same(2);
    let two = Crowd::PATHS.all.key(&two);
    let order = two.then(Shelf::PATHS.order);
    let _guards = (
        crowd.subscribe(two, move |_, _| whole.push("whole")),
        crowd.subscribe(two.then(Shelf::PATHS.label), move |_, _| label.push("label")),
        crowd.subscribe(order.len(), move |_, _| len.push("len")),
        crowd.subscribe(order.at(0), move |_, _| first.push("first")),
    );
    let write = |key: &Same| {
        let shelf = Crowd::PATHS.all.key(key);
        crowd.set(shelf.then(Shelf::PATHS.label), "x".into()).unwrap();
        crowd.push(shelf.then(Shelf::PATHS.order), 7).unwrap();
        crowd.patch_at(shelf, ShelfPatch::new().label("y".into())).unwrap();
        crowd.set(shelf, Shelf::default()).unwrap();
        crowd.remove(Crowd::PATHS.all, key).unwrap();
    };

    write(&Same(1));
    assert_eq!(seen.take(), [""; 0]);

    write(&Same(2));
    let mut seen = seen.take();
    seen.sort_unstable();
    let expected: Vec<_> = [("first", 2), ("label", 4), ("len", 3), ("whole", 5)]
        .into_iter()
        .flat_map(|(name, times)| std::iter::repeat_n(name, times))
        .collect();
    assert_eq!(seen, expected);
}
