//! The results of writes: in a transaction they are those of the writes alone, with and
//! without subscribers, and with and without a held snapshot.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Shelf {
    books: Vec<u32>,
    returned: VecDeque<u32>,
    lent: BTreeMap<u32, u32>,
    tags: BTreeSet<u32>,
    lamp: Option<Lamp>,
    count: u32,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Lamp {
    on: bool,
}

fn shelf() -> Model<Shelf> {
    let shelf = Shelf {
        books: vec![3, 1, 2],
        returned: VecDeque::from([7]),
        lent: BTreeMap::from([(1, 10), (2, 20)]),
        tags: BTreeSet::from([5]),
        lamp: None,
        count: 4,
    };
    create_model("shelf", shelf)
}

/// Every write, with its result as text.
macro_rules! writes {
    ($to:ident) => {{
        let paths = Shelf::PATHS;
        let lent = |key: u32| paths.lent.key(key);
        let lamp = paths.lamp.some();
        [
            format!("{:?}", $to.set(paths.count, 5)),
            format!("{:?}", $to.set(lent(1), 11)),
            format!("{:?}", $to.set(lent(9), 11).is_err()),
            format!("{:?}", $to.set(lamp.on, true).is_err()),
            format!("{:?}", $to.take(paths.returned)),
            format!("{:?}", $to.update_at(paths.count, |count| std::mem::replace(count, 6))),
            format!("{:?}", $to.update_at(lent(2), |count| std::mem::replace(count, 21))),
            format!("{:?}", $to.update_at(lent(9), |count| *count).is_err()),
            format!("{:?}", $to.patch_at(lamp, LampPatch::new().on(true)).is_err()),
            format!("{:?}", $to.pop(paths.books)),
            format!("{:?}", $to.pop(paths.returned)),
            format!("{:?}", $to.insert(paths.lent, 1, 12)),
            format!("{:?}", $to.insert(paths.lent, 3, 30)),
            format!("{:?}", $to.remove(paths.lent, 2u32)),
            format!("{:?}", $to.remove(paths.lent, 2u32)),
            format!("{:?}", $to.remove(paths.books, 0)),
            format!("{:?}", $to.remove(paths.books, 9)),
            format!("{:?}", $to.insert_at(paths.books, 1, 8)),
            format!("{:?}", $to.insert_at(paths.books, 9, 8)),
            format!("{:?}", $to.insert_if_absent(paths.lent, 3, 31)),
            format!("{:?}", $to.insert_if_absent(paths.lent, 4, 40)),
            format!("{:?}", $to.update_or_insert(paths.lent, 4, |item| *item += 1, || 0)),
            format!("{:?}", $to.update_or_insert(paths.lent, 5, |item| *item += 1, || 50)),
            format!("{:?}", $to.add(paths.tags, 5)),
            format!("{:?}", $to.add(paths.tags, 6)),
            format!("{:?}", $to.remove(paths.tags, 5)),
            format!("{:?}", $to.remove(paths.tags, 5)),
            format!("{:?}", $to.set(paths.lamp, Some(Lamp::default()))),
            format!("{:?}", $to.set(lamp.on, true)),
            format!("{:?}", $to.patch_at(lamp, LampPatch::new().on(false))),
            format!("{:?}", $to.take(paths.count)),
        ]
    }};
}

fn watch_all(shelf: &Model<Shelf>) -> [Subscription; 6] {
    let paths = Shelf::PATHS;
    [
        shelf.subscribe(paths.books, |_, _| {}),
        shelf.subscribe(paths.returned, |_, _| {}),
        shelf.subscribe(paths.lent.each(), |_, _| {}),
        shelf.subscribe(paths.tags.len(), |_, _| {}),
        shelf.subscribe(paths.lamp, |_, _| {}),
        shelf.subscribe(paths.count, |_, _| {}),
    ]
}

#[test]
fn d9_writes_have_the_same_results_in_a_transaction() {
    let alone = shelf();
    let results = writes!(alone);
    assert_eq!(results[..6], ["4", "Ok(10)", "true", "true", "[7]", "5"].map(String::from));

    for (is_watched, is_held) in [(false, false), (true, false), (false, true), (true, true)] {
        let shelf = shelf();
        let _subscriptions = is_watched.then(|| watch_all(&shelf));
        let held = is_held.then(|| shelf.snapshot());
        let in_one = shelf.transaction(|tx| Ok::<_, ()>(writes!(tx))).unwrap();
        assert_eq!(in_one, results, "watched: {is_watched}, held: {is_held}");
        assert_eq!(shelf.snapshot(), alone.snapshot());
        assert_eq!(shelf.version(), 1);
        drop(held);
    }
}

#[test]
fn d9_writes_have_the_same_results_where_somebody_watches() {
    let (alone, watched) = (shelf(), shelf());
    let results = writes!(alone);
    let _subscriptions = watch_all(&watched);
    assert_eq!(writes!(watched), results);
    assert_eq!(watched.snapshot(), alone.snapshot());
    assert_eq!(watched.version(), alone.version());
}

#[test]
fn i6_a_transaction_that_finds_nothing_to_write_commits_nothing() {
    let shelf = shelf();
    let paths = Shelf::PATHS;
    shelf
        .transaction(|tx| {
            tx.set(paths.lent.key(9), 1).unwrap_err();
            tx.patch_at(paths.lamp.some(), LampPatch::new().on(true)).unwrap_err();
            tx.patch(ShelfPatch::new());
            tx.remove(paths.lent, 9);
            tx.insert_if_absent(paths.lent, 1, 5);
            tx.insert_at(paths.books, 9, 5);
            tx.retain(paths.books, |_| true);
            tx.add(paths.tags, 5);
            Ok::<_, ()>(())
        })
        .unwrap();
    assert_eq!(shelf.version(), 0);
    assert_eq!(*shelf.snapshot(), *self::shelf().snapshot());
}
