//! D9, I5: a transaction writes in place and takes its writes back. Random programs, with
//! a failure at any position, against plain values.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use sprag::prelude::*;
use sprag::state::Transaction;

use crate::domain::Log;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Shop {
    name: String,
    count: u64,
    best: Option<Shelf>,
    shelf: Box<Shelf>,
    queue: Vec<u8>,
    shelves: HashMap<u8, Shelf>,
    sorted: BTreeMap<u8, u8>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Shelf {
    label: String,
    books: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Write {
    Name(u8),
    Count(u64),
    Add(u64),
    Best(Option<u8>),
    BestLabel(u8),
    Boxed(u8),
    Patch(u64, u8),
    Push(u8),
    Extend(u8),
    Pop,
    Put(usize, u8),
    Element(usize, u8),
    RemoveAt(usize),
    Retain(u8),
    Sort,
    Shelve(u8, u8),
    ShelveNew(u8, u8),
    Label(u8, u8),
    Books(u8, u8),
    Unshelve(u8),
    RetainShelves(u8),
    Upsert(u8, u8),
    Sorted(u8, u8),
    TakeQueue,
}

fn write() -> impl Strategy<Value = Write> {
    // Few values, so that writes undo each other.
    let (n, at) = (0..3u8, 0..4usize);
    prop_oneof![
        n.clone().prop_map(Write::Name),
        (0..3u64).prop_map(Write::Count),
        (0..2u64).prop_map(Write::Add),
        proptest::option::of(n.clone()).prop_map(Write::Best),
        n.clone().prop_map(Write::BestLabel),
        n.clone().prop_map(Write::Boxed),
        (0..3u64, n.clone()).prop_map(|(count, name)| Write::Patch(count, name)),
        n.clone().prop_map(Write::Push),
        n.clone().prop_map(Write::Extend),
        Just(Write::Pop),
        (at.clone(), n.clone()).prop_map(|(at, n)| Write::Put(at, n)),
        (at.clone(), n.clone()).prop_map(|(at, n)| Write::Element(at, n)),
        at.prop_map(Write::RemoveAt),
        n.clone().prop_map(Write::Retain),
        Just(Write::Sort),
        (n.clone(), n.clone()).prop_map(|(key, n)| Write::Shelve(key, n)),
        (n.clone(), n.clone()).prop_map(|(key, n)| Write::ShelveNew(key, n)),
        (n.clone(), n.clone()).prop_map(|(key, n)| Write::Label(key, n)),
        (n.clone(), n.clone()).prop_map(|(key, n)| Write::Books(key, n)),
        n.clone().prop_map(Write::Unshelve),
        n.clone().prop_map(Write::RetainShelves),
        (n.clone(), n.clone()).prop_map(|(key, n)| Write::Upsert(key, n)),
        (n.clone(), n).prop_map(|(key, n)| Write::Sorted(key, n)),
        Just(Write::TakeQueue),
    ]
}

fn shelf(n: u8) -> Shelf {
    Shelf { label: n.to_string(), books: vec![n; usize::from(n)] }
}

/// Makes `write` in the transaction.
fn make(tx: &mut Transaction<'_, Shop>, write: &Write) {
    let paths = Shop::PATHS;
    let label = |key: u8| paths.shelves.key(key).then(Shelf::PATHS.label);
    // Places that are not there are left alone, here and in `make_plain`.
    match *write {
        Write::Name(n) => drop(tx.set(paths.name, n.to_string())),
        Write::Count(n) => drop(tx.set(paths.count, n)),
        Write::Add(n) => tx.update_at(paths.count, |count| *count += n),
        Write::Best(n) => drop(tx.set(paths.best, n.map(shelf))),
        Write::BestLabel(n) => drop(tx.set(paths.best.some().label, n.to_string())),
        Write::Boxed(n) => {
            tx.update_at(paths.shelf.deref().then(Shelf::PATHS.books), |books| books.push(n));
        }
        Write::Patch(count, n) => tx.patch(ShopPatch::new().count(count).name(n.to_string())),
        Write::Push(n) => tx.push(paths.queue, n),
        Write::Extend(n) => tx.extend(paths.queue, [n, 0]),
        Write::Pop => drop(tx.pop(paths.queue)),
        Write::Put(at, n) => drop(tx.insert_at(paths.queue, at, n)),
        Write::Element(at, n) => drop(tx.set(paths.queue.at(at), n)),
        Write::RemoveAt(at) => drop(tx.remove(paths.queue, at)),
        Write::Retain(n) => tx.retain(paths.queue, |other| *other != n),
        Write::Sort => tx.sort(paths.queue),
        Write::Shelve(key, n) => drop(tx.insert(paths.shelves, key, shelf(n))),
        Write::ShelveNew(key, n) => drop(tx.insert_if_absent(paths.shelves, key, shelf(n))),
        Write::Label(key, n) => drop(tx.set(label(key), n.to_string())),
        Write::Books(key, n) => {
            drop(tx.push(paths.shelves.key(key).then(Shelf::PATHS.books), n));
        }
        Write::Unshelve(key) => drop(tx.remove(paths.shelves, key)),
        Write::RetainShelves(n) => tx.retain(paths.shelves, |(key, _)| *key != n),
        Write::Upsert(key, n) => {
            let update = |shelf: &mut Shelf| shelf.books.push(n);
            drop(tx.update_or_insert(paths.shelves, key, update, || shelf(n)));
        }
        Write::Sorted(key, n) => drop(tx.insert(paths.sorted, key, n)),
        Write::TakeQueue => drop(tx.take(paths.queue)),
    }
}

/// The same on plain values.
fn make_plain(shop: &mut Shop, write: &Write) {
    match *write {
        Write::Name(n) => shop.name = n.to_string(),
        Write::Count(n) => shop.count = n,
        Write::Add(n) => shop.count += n,
        Write::Best(n) => shop.best = n.map(shelf),
        Write::BestLabel(n) => {
            shop.best.iter_mut().for_each(|best| best.label = n.to_string());
        }
        Write::Boxed(n) => shop.shelf.books.push(n),
        Write::Patch(count, n) => (shop.count, shop.name) = (count, n.to_string()),
        Write::Push(n) => shop.queue.push(n),
        Write::Extend(n) => shop.queue.extend([n, 0]),
        Write::Pop => drop(shop.queue.pop()),
        Write::Put(at, n) if at <= shop.queue.len() => shop.queue.insert(at, n),
        Write::Put(..) => {}
        Write::Element(at, n) => shop.queue.iter_mut().skip(at).take(1).for_each(|old| *old = n),
        Write::RemoveAt(at) if at < shop.queue.len() => drop(shop.queue.remove(at)),
        Write::RemoveAt(_) => {}
        Write::Retain(n) => shop.queue.retain(|other| *other != n),
        Write::Sort => shop.queue.sort(),
        Write::Shelve(key, n) => drop(shop.shelves.insert(key, shelf(n))),
        Write::ShelveNew(key, n) => drop(shop.shelves.entry(key).or_insert_with(|| shelf(n))),
        Write::Label(key, n) => {
            shop.shelves.get_mut(&key).into_iter().for_each(|shelf| shelf.label = n.to_string());
        }
        Write::Books(key, n) => {
            shop.shelves.get_mut(&key).into_iter().for_each(|shelf| shelf.books.push(n));
        }
        Write::Unshelve(key) => drop(shop.shelves.remove(&key)),
        Write::RetainShelves(n) => shop.shelves.retain(|key, _| *key != n),
        Write::Upsert(key, n) => {
            let books = |shelf: &mut Shelf| shelf.books.push(n);
            shop.shelves.entry(key).and_modify(books).or_insert_with(|| shelf(n));
        }
        Write::Sorted(key, n) => drop(shop.sorted.insert(key, n)),
        Write::TakeQueue => shop.queue = Vec::new(),
    }
}

type Selection =
    (fn(&Model<Shop>, usize, Log<(usize, String)>) -> Subscription, fn(&Shop) -> String);

macro_rules! selections {
    ($($selector:expr => $view:expr,)*) => {
        fn selections() -> Vec<Selection> {
            vec![$((
                |model, id, log| model.subscribe($selector, move |value, _| {
                    log.push((id, format!("{value:?}")));
                }),
                |shop| { let view: fn(&Shop) -> String = $view; view(shop) },
            )),*]
        }
    };
}

/// A map in one order, since `Debug` of a hash map has none.
fn in_order(shelves: &HashMap<u8, Shelf>) -> BTreeMap<u8, Shelf> {
    shelves.iter().map(|(key, shelf)| (*key, shelf.clone())).collect()
}

selections! {
    Shop::PATHS.path().map(|shop| (in_order(&shop.shelves), shop.queue.clone(), shop.count)) =>
        |shop| format!("{:?}", (in_order(&shop.shelves), shop.queue.clone(), shop.count)),
    Shop::PATHS.count => |shop| format!("{:?}", shop.count),
    Shop::PATHS.name => |shop| format!("{:?}", shop.name),
    Shop::PATHS.best => |shop| format!("{:?}", shop.best),
    Shop::PATHS.best.some().label => |shop| format!("{:?}", shop.best.as_ref().map(|b| &b.label)),
    Shop::PATHS.best.some().books.at(0) =>
        |shop| format!("{:?}", shop.best.as_ref().and_then(|best| best.books.first())),
    Shop::PATHS.shelf => |shop| format!("{:?}", shop.shelf),
    Shop::PATHS.shelf.deref().then(Shelf::PATHS.books).len() => |shop| format!("{:?}", shop.shelf.books.len()),
    Shop::PATHS.queue => |shop| format!("{:?}", shop.queue),
    Shop::PATHS.queue.len() => |shop| format!("{:?}", shop.queue.len()),
    Shop::PATHS.queue.at(0) => |shop| format!("{:?}", shop.queue.first()),
    Shop::PATHS.queue.at(2) => |shop| format!("{:?}", shop.queue.get(2)),
    Shop::PATHS.shelves.len() => |shop| format!("{:?}", shop.shelves.len()),
    Shop::PATHS.shelves.key(1) => |shop| format!("{:?}", shop.shelves.get(&1)),
    Shop::PATHS.shelves.key(1).then(Shelf::PATHS.label) =>
        |shop| format!("{:?}", shop.shelves.get(&1).map(|shelf| &shelf.label)),
    Shop::PATHS.shelves.key(0).then(Shelf::PATHS.books.at(0)) =>
        |shop| format!("{:?}", shop.shelves.get(&0).and_then(|shelf| shelf.books.first())),
    Shop::PATHS.sorted => |shop| format!("{:?}", shop.sorted),
    Shop::PATHS.sorted.keys() => |shop| format!("{:?}", shop.sorted.keys().collect::<Vec<_>>()),
    (Shop::PATHS.count, Shop::PATHS.queue.at(0)) =>
        |shop| format!("{:?}", (shop.count, shop.queue.first())),
    |shop: &Shop| shop.queue.len() + shop.shelves.len() =>
        |shop| format!("{:?}", shop.queue.len() + shop.shelves.len()),
}

/// The entries of which a place differs, as `each()` passes them.
fn differing(before: &Shop, after: &Shop) -> Vec<String> {
    let label = |shop: &Shop, key| shop.shelves.get(&key).map(|shelf| shelf.label.clone());
    let labels = (0..3).filter(|key| label(before, *key) != label(after, *key));
    let labels = labels.map(|key| format!("{key}: {:?}", label(after, key)));
    let element = |shop: &Shop, at| shop.queue.get(at).copied();
    let longest = before.queue.len().max(after.queue.len());
    let elements = (0..longest).filter(|at| element(before, *at) != element(after, *at));
    labels.chain(elements.map(|at| format!("at {at}: {:?}", element(after, at)))).collect()
}

fn watch_each(model: &Model<Shop>, log: &Log<String>) -> [Subscription; 2] {
    let labels = Shop::PATHS.shelves.each().then(Shelf::PATHS.label);
    let (log, other) = (log.clone(), log.clone());
    [
        model.subscribe(labels, move |(key, label), _| log.push(format!("{key}: {label:?}"))),
        model.subscribe(Shop::PATHS.queue.each(), move |(at, n), _| {
            other.push(format!("at {at}: {n:?}"));
        }),
    ]
}

/// How a program ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Commit,
    Fail(usize),
    Panic(usize),
}

fn end() -> impl Strategy<Value = End> {
    let at = 0..12usize;
    prop_oneof![
        3 => Just(End::Commit),
        1 => at.clone().prop_map(End::Fail),
        1 => at.prop_map(End::Panic),
    ]
}

/// Runs a program; each read sees the writes before.
fn run(model: &Model<Shop>, program: &[Write], end: End) {
    let mut expect = Shop::clone(&model.snapshot());
    let run = || {
        model.transaction(|tx| {
            for (at, write) in program.iter().enumerate() {
                match end {
                    End::Fail(position) if position == at => return Err(()),
                    End::Panic(position) if position == at => panic!("as the test wants it"),
                    _ => {}
                }
                make(tx, write);
                make_plain(&mut expect, write);
                assert_eq!(*tx.state(), expect, "reads see {write:?}");
                assert_eq!(tx.get(Shop::PATHS.queue), expect.queue);
            }
            Ok(())
        })
    };
    let _ = catch_unwind(AssertUnwindSafe(run));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..Default::default() })]

    #[test]
    fn d9_i5_i6_a_transaction_is_all_or_nothing_and_notifies_who_sees_a_difference(
        programs in proptest::collection::vec(
            (proptest::collection::vec(write(), 1..12), end(), any::<bool>()), 1..6,
        ),
        watched in any::<u32>(),
    ) {
        let (model, log) = (create_model("shop", Shop::default()), Log::default());
        let selections = selections();
        let is_watched = |id: &usize| watched & (1 << id) != 0;
        let watched: Vec<usize> = (0..selections.len()).filter(is_watched).collect();
        let _live: Vec<_> =
            watched.iter().map(|&id| selections[id].0(&model, id, log.clone())).collect();
        let entries = Log::default();
        let each = watched.len().is_multiple_of(2).then(|| watch_each(&model, &entries));
        let mut expect = Shop::default();
        let mut version = 0;
        for (program, end, holds) in &programs {
            let held = holds.then(|| (model.snapshot(), expect.clone()));
            let before = expect.clone();
            let is_committed = match end {
                End::Commit => true,
                End::Fail(at) | End::Panic(at) => *at >= program.len(),
            };
            run(&model, program, *end);
            if is_committed {
                program.iter().for_each(|write| make_plain(&mut expect, write));
            }
            prop_assert_eq!(&*model.snapshot(), &expect);
            let now = model.version();
            prop_assert!(now == version || is_committed && now == version + 1);
            prop_assert!(now > version || expect == before);
            version = now;
            let mut fired = log.take();
            fired.sort();
            let due: Vec<_> = watched.iter().filter_map(|&id| {
                let (old, new) = (selections[id].1(&before), selections[id].1(&expect));
                (old != new).then_some((id, new))
            }).collect();
            prop_assert_eq!(fired, due, "after {:?}", program);
            let mut fired = entries.take();
            fired.sort();
            let mut due = differing(&before, &expect);
            due.sort();
            prop_assert_eq!(fired, if each.is_some() { due } else { Vec::new() }, "after {:?}", program);
            if let Some((snapshot, at_that_time)) = held {
                prop_assert_eq!(&*snapshot, &at_that_time);
            }
        }
        prop_assert_eq!(model.panics(), 0);
    }
}

#[test]
fn i5_what_a_caught_panic_left_of_an_update_is_not_committed() {
    let model = create_model("shop", Shop { count: 1, ..Shop::default() });
    let log = Log::default();
    let _count = model.subscribe(Shop::PATHS.count, {
        let log = log.clone();
        move |count, _| log.push(*count)
    });
    let paths = Shop::PATHS;

    let done = model.transaction(|tx| {
        let update = || {
            tx.update_at(paths.count, |count| {
                *count = 5;
                panic!("as the test wants it")
            })
        };
        assert!(catch_unwind(AssertUnwindSafe(update)).is_err());
        assert_eq!(tx.get(paths.count), 1);
        tx.set(paths.name, "x".into());
        Ok::<(), ()>(())
    });

    assert_eq!((done, model.version()), (Ok(()), 1));
    assert_eq!((model.get(paths.count), model.get(paths.name)), (1, "x".into()));
    assert!(log.take().is_empty());
}
