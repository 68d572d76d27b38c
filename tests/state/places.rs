//! The subscribers of a write where places are many or deep: trees that need several words
//! of the index's bitmaps, and keys behind keys. The reference evaluates every subscription.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;
use sprag::path::{PartialPath, Path};
use sprag::prelude::*;

use crate::domain::Log;

macro_rules! block {
    ($($field:ident),*) => {
        /// So many fields that a few of them fill more than 64 nodes unevenly.
        #[derive(Model, Clone, Debug, Default, PartialEq)]
        struct Block { $($field: u8),* }

        const FIELDS: usize = [$(stringify!($field)),*].len();

        fn whole(block: usize) -> [Path<Wide, u8>; FIELDS] {
            match block {
                0 => [$(Wide::PATHS.a.$field),*],
                1 => [$(Wide::PATHS.inner.a.$field),*],
                _ => [$(Wide::PATHS.inner.b.$field),*],
            }
        }

        fn partial(block: usize) -> [PartialPath<Wide, u8>; FIELDS] {
            match block {
                0 => [$(Wide::PATHS.b.some().$field),*],
                1 => [$(Wide::PATHS.inner.c.some().$field),*],
                _ => [$(Wide::PATHS.choice.on.0.$field),*],
            }
        }
    };
}

block!(
    f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
    f21, f22, f23, f24, f25, f26, f27, f28, f29, f30
);

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Wide {
    a: Block,
    b: Option<Block>,
    inner: Inner,
    choice: Choice,
    last: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Inner {
    a: Block,
    b: Block,
    c: Option<Block>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
enum Choice {
    #[default]
    Off,
    On(Block),
}

/// A place of the wide model.
#[derive(Clone, Copy, Debug)]
enum Spot {
    Whole(usize, usize),
    Partial(usize, usize),
    Block(usize),
    Maybe(usize),
    Inner,
    Choice,
    Last,
    Root,
}

fn spot() -> impl Strategy<Value = Spot> {
    prop_oneof![
        4 => (0..3usize, 0..FIELDS).prop_map(|(block, field)| Spot::Whole(block, field)),
        4 => (0..3usize, 0..FIELDS).prop_map(|(block, field)| Spot::Partial(block, field)),
        2 => (0..3usize).prop_map(Spot::Block),
        2 => (0..2usize).prop_map(Spot::Maybe),
        1 => Just(Spot::Inner),
        1 => Just(Spot::Choice),
        1 => Just(Spot::Last),
        1 => Just(Spot::Root),
    ]
}

/// Does something with the place that a [`Spot`] stands for.
macro_rules! at {
    ($spot:expr, |$place:ident| $body:expr) => {
        match $spot {
            Spot::Whole(block, field) => {
                let $place = whole(block)[field];
                $body
            }
            Spot::Partial(block, field) => {
                let $place = partial(block)[field];
                $body
            }
            Spot::Block(0) => {
                let $place = Wide::PATHS.a;
                $body
            }
            Spot::Block(1) => {
                let $place = Wide::PATHS.inner.a;
                $body
            }
            Spot::Block(_) => {
                let $place = Wide::PATHS.inner.b;
                $body
            }
            Spot::Maybe(0) => {
                let $place = Wide::PATHS.b;
                $body
            }
            Spot::Maybe(_) => {
                let $place = Wide::PATHS.inner.c;
                $body
            }
            Spot::Inner => {
                let $place = Wide::PATHS.inner;
                $body
            }
            Spot::Choice => {
                let $place = Wide::PATHS.choice.path();
                $body
            }
            Spot::Last => {
                let $place = Wide::PATHS.last;
                $body
            }
            Spot::Root => {
                let $place = Wide::PATHS.path();
                $body
            }
        }
    };
}

fn block(n: u8) -> Block {
    Block { f0: n % 2, f15: n / 2, f30: n % 3, ..Block::default() }
}

fn maybe(n: u8) -> Option<Block> {
    (n > 0).then(|| block(n))
}

fn choice(n: u8) -> Choice {
    maybe(n).map_or(Choice::Off, Choice::On)
}

fn inner(n: u8) -> Inner {
    Inner { a: block(n), b: block(n / 2), c: maybe(n / 2) }
}

fn write(model: &Model<Wide>, spot: Spot, n: u8) {
    let root =
        || Wide { a: block(n), b: maybe(n / 2), inner: inner(n), choice: choice(n), last: n };
    match spot {
        Spot::Whole(block, field) => drop(Some(model.set(whole(block)[field], n))),
        Spot::Partial(block, field) => drop(model.set(partial(block)[field], n)),
        Spot::Block(0) => drop(model.set(Wide::PATHS.a, block(n))),
        Spot::Block(1) => drop(model.set(Wide::PATHS.inner.a, block(n))),
        Spot::Block(_) => model.patch_at(Wide::PATHS.inner.b, BlockPatch::new().f0(n).f29(n)),
        Spot::Maybe(0) => model.patch(WidePatch::new().b(maybe(n)).last(n)),
        Spot::Maybe(_) => drop(model.set(Wide::PATHS.inner.c, maybe(n))),
        Spot::Inner if n.is_multiple_of(2) => drop(model.set(Wide::PATHS.inner, inner(n))),
        Spot::Inner => model.patch_at(Wide::PATHS.inner, InnerPatch::new().c(maybe(n)).a(block(n))),
        Spot::Choice => drop(model.set(Wide::PATHS.choice.path(), choice(n))),
        Spot::Last => drop(Some(model.set(Wide::PATHS.last, n))),
        Spot::Root => drop(model.replace(root())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn i7_a_wide_tree_finds_exactly_the_changed_places(
        watched in proptest::collection::vec(spot(), 0..40),
        writes in proptest::collection::vec((spot(), 0..5u8, any::<bool>()), 1..25),
    ) {
        let model = create_model("wide", Wide::default());
        let log = Log::default();
        let mut guards: Vec<_> = watched.iter().enumerate().map(|(id, &spot)| {
            let log = log.clone();
            at!(spot, |place| (id, spot, model.subscribe(place, move |value, _| {
                log.push((id, format!("{value:?}")));
            })))
        }).collect();

        for (spot, n, unsubscribe) in writes {
            if unsubscribe && !guards.is_empty() {
                drop(guards.remove(usize::from(n) % guards.len()));
            }
            let show = |spot| at!(spot, |place| format!("{:?}", model.get(place)));
            let before: Vec<_> = guards.iter().map(|&(_, spot, _)| show(spot)).collect();
            write(&model, spot, n);

            let mut fired = log.take();
            fired.sort();
            let due: Vec<_> = guards.iter().zip(before).filter_map(|(&(id, spot, _), before)| {
                let now = show(spot);
                (now != before).then_some((id, now))
            }).collect();
            prop_assert_eq!(fired, due, "{:?} {}", spot, n);
        }
    }
}

/// Keys behind keys.
#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Deep {
    lists: HashMap<u32, Vec<u32>>,
    deque: VecDeque<BTreeMap<u32, u32>>,
    rows: Vec<Vec<u32>>,
    maybe: Option<Leaves>,
    chain: Option<Box<Link>>,
    named: BTreeMap<String, Arc<Leaf>>,
    corners: [Leaf; 2],
}

/// A list that holds itself.
#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Link {
    n: u32,
    tags: Vec<u32>,
    next: Option<Box<Link>>,
}

fn link(n: u32, length: usize) -> Option<Box<Link>> {
    let next = || link(n, length - 1);
    (length > 0).then(|| Box::new(Link { n, tags: vec![n; length], next: next() }))
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Leaves {
    by_key: BTreeMap<u32, Leaf>,
    order: VecDeque<u32>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Leaf {
    name: u32,
    tags: Vec<u32>,
}

const NAMES: [&str; 2] = ["ann", "bob"];

fn leaf(n: u32) -> Arc<Leaf> {
    Arc::new(Leaf { name: n, tags: vec![n] })
}

/// The second link.
macro_rules! next {
    () => {
        Deep::PATHS.chain.some().deref().then(Link::PATHS.next.some().deref())
    };
}

/// The value behind a name.
macro_rules! named {
    ($key:expr) => {
        Deep::PATHS.named.key(NAMES[$key as usize]).deref()
    };
}

/// One write: its operation, its place and its value.
type Step = (usize, u32, usize, u32);

/// The same methods are there in a model and in a transaction.
macro_rules! step {
    ($target:expr, $step:expr) => {{
        let (target, (which, key, at, n)) = ($target, $step);
        let by_key = Deep::PATHS.maybe.some().by_key;
        match which {
            0 => drop(target.insert(Deep::PATHS.lists, key, vec![n; at])),
            1 => drop(target.remove(Deep::PATHS.lists, key)),
            2 => drop(target.push(Deep::PATHS.lists.key(key), n)),
            3 => drop(target.remove(Deep::PATHS.lists.key(key), at)),
            4 => drop(target.set(Deep::PATHS.lists.key(key).at(at), n)),
            5 => drop(target.push(Deep::PATHS.deque, BTreeMap::from([(key, n)]))),
            6 => drop(target.remove(Deep::PATHS.deque, at)),
            7 => drop(target.insert(Deep::PATHS.deque.at(at), key, n)),
            8 => drop(target.remove(Deep::PATHS.deque.at(at), key)),
            9 => drop(target.push(Deep::PATHS.rows, vec![n])),
            10 => drop(target.remove(Deep::PATHS.rows, at)),
            11 => drop(target.push(Deep::PATHS.rows.at(at), n)),
            12 => drop(target.set(Deep::PATHS.rows.at(at).at(0), n)),
            13 => drop(target.set(Deep::PATHS.maybe, (n > 0).then(Leaves::default))),
            14 => drop(target.insert(by_key, key, Leaf { name: n, tags: vec![n; at] })),
            15 => drop(target.remove(by_key, key)),
            16 => drop(target.set(by_key.key(key).then(Leaf::PATHS.name), n)),
            17 => drop(target.push(by_key.key(key).then(Leaf::PATHS.tags), n)),
            18 => drop(target.remove(by_key.key(key).then(Leaf::PATHS.tags), at)),
            19 => drop(target.push(Deep::PATHS.maybe.some().order, n)),
            20 => drop(target.remove(Deep::PATHS.maybe.some().order, at)),
            21 => drop(target.update_at(Deep::PATHS.rows, |rows| rows.reverse())),
            22 => drop(target.take(Deep::PATHS.lists.key(key))),
            23 => {
                target.retain(Deep::PATHS.lists, |(of, list)| *of != key || list.len() > at);
            }
            24 => drop(target.retain(Deep::PATHS.lists.key(key), |other| *other != n)),
            25 => drop(target.sort(Deep::PATHS.lists.key(key))),
            26 => drop(target.sort_by(Deep::PATHS.rows, |a, b| b.cmp(a))),
            27 => drop(target.retain(Deep::PATHS.rows, |row| row.len() != at)),
            28 => drop(target.extend(Deep::PATHS.rows.at(at), vec![n; key as usize * 2])),
            29 => drop(target.pop(Deep::PATHS.rows)),
            30 => drop(target.pop(Deep::PATHS.rows.at(at))),
            31 => drop(target.sort_by_key(Deep::PATHS.maybe.some().order, |n| *n)),
            32 => drop(target.retain(by_key, |(of, leaf)| *of != key || leaf.name != n)),
            33 => drop(target.set(Deep::PATHS.chain, link(n, at))),
            34 => drop(target.set(next!().then(Link::PATHS.n), n)),
            35 => drop(target.set(next!().then(Link::PATHS.next), link(n, at))),
            36 => drop(
                target
                    .push(next!().then(Link::PATHS.next.some().deref()).then(Link::PATHS.tags), n),
            ),
            37 => drop(target.insert(Deep::PATHS.named, NAMES[key as usize], leaf(n))),
            38 => drop(target.remove(Deep::PATHS.named, NAMES[key as usize])),
            39 => drop(target.set(named!(key).then(Leaf::PATHS.name), n)),
            40 => drop(target.retain(Deep::PATHS.named, |(_, leaf)| leaf.name != n)),
            41 => drop(target.set(Deep::PATHS.corners.at(at).then(Leaf::PATHS.name), n)),
            42 => drop(target.sort_by_key(Deep::PATHS.corners, |leaf| leaf.name)),
            43 => {
                drop(target.patch_at(by_key.key(key), LeafPatch::new().name(n).tags(vec![n; at])))
            }
            44 => drop(target.set(Deep::PATHS.named.key(NAMES[key as usize]), leaf(n))),
            _ => drop(target.set(Deep::PATHS.maybe.some().order.at(at), n)),
        }
    }};
}

const STEPS: usize = 46;

/// A watched place and its selection.
type Watch = (fn(&Model<Deep>, usize, Log<(usize, String)>) -> Subscription, fn(&Deep) -> String);

macro_rules! watches {
    ($($selector:expr,)*) => {
        [$((
            |model: &Model<Deep>, id: usize, log: Log<(usize, String)>| {
                model.subscribe($selector, move |value, _| log.push((id, format!("{value:?}"))))
            },
            |deep: &Deep| format!("{:?}", create_model("then", deep.clone()).select($selector)),
        )),*]
    };
}

const WATCHES: usize = 40;

fn watches() -> [Watch; WATCHES] {
    watches![
        Deep::PATHS.lists,
        Deep::PATHS.lists.key(0),
        Deep::PATHS.lists.key(1).at(0),
        Deep::PATHS.lists.key(1).at(1),
        (Deep::PATHS.lists.key(0).at(1), Deep::PATHS.lists.key(0)),
        Deep::PATHS.deque.at(0),
        Deep::PATHS.deque.at(0).key(1),
        Deep::PATHS.deque.at(1).key(0),
        Deep::PATHS.rows.at(0).at(0),
        Deep::PATHS.rows.at(1).at(1),
        (Deep::PATHS.rows.at(0), Deep::PATHS.rows, Deep::PATHS.rows),
        Deep::PATHS.maybe,
        Deep::PATHS.maybe.some(),
        Deep::PATHS.maybe.some().by_key,
        Deep::PATHS.maybe.some().by_key.key(0),
        Deep::PATHS.maybe.some().by_key.key(1).then(Leaf::PATHS.name),
        Deep::PATHS.maybe.some().by_key.key(1).then(Leaf::PATHS.tags.at(0)),
        Deep::PATHS.maybe.some().by_key.key(0).then(Leaf::PATHS.tags).map(|tags| tags.cloned()),
        (Deep::PATHS.maybe.some().order.at(0), Deep::PATHS.maybe.some().order.at(1)),
        Deep::PATHS.lists.len(),
        Deep::PATHS.lists.key(1).len(),
        Deep::PATHS.rows.len(),
        Deep::PATHS.rows.at(1).len(),
        Deep::PATHS.deque.at(0).keys(),
        Deep::PATHS.maybe.some().by_key.keys(),
        Deep::PATHS.maybe.some().by_key.key(0).then(Leaf::PATHS.tags).len(),
        Deep::PATHS.chain,
        Deep::PATHS.chain.some().deref().then(Link::PATHS.n),
        next!(),
        next!().then(Link::PATHS.next),
        next!().then(Link::PATHS.next.some().deref().then(Link::PATHS.tags.at(1))),
        next!().then(Link::PATHS.next.some().deref().then(Link::PATHS.tags)).len(),
        Deep::PATHS.named,
        Deep::PATHS.named.keys(),
        Deep::PATHS.named.key("ann"),
        named!(1).then(Leaf::PATHS.name),
        named!(0).then(Leaf::PATHS.tags.at(0)),
        Deep::PATHS.corners.at(0),
        (Deep::PATHS.corners.at(1).then(Leaf::PATHS.name), Deep::PATHS.corners),
        Deep::PATHS.path(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn i6_keys_behind_keys_fire_exactly_when_they_changed(
        steps in proptest::collection::vec(
            proptest::collection::vec((0..STEPS, 0..2u32, 0..3usize, 0..3u32), 1..5),
            1..25,
        ),
        watched in proptest::collection::vec(0..WATCHES, 1..20),
        hold in any::<bool>(),
    ) {
        let watches = watches();
        let model = create_model("deep", Deep::default());
        let log = Log::default();
        let _guards: Vec<_> =
            watched.iter().enumerate().map(|(id, &n)| watches[n].0(&model, id, log.clone())).collect();
        let due = |before: &Deep, after: &Deep| -> Vec<_> {
            let changed = watched.iter().enumerate().filter_map(|(id, &n)| {
                let (before, after) = (watches[n].1(before), watches[n].1(after));
                (before != after).then_some((id, after))
            });
            changed.collect()
        };

        for steps in steps {
            let held = hold.then(|| model.snapshot());
            let before = Deep::clone(&model.snapshot());
            let step: Step = steps[0];
            step!(&model, step);
            let after = Deep::clone(&model.snapshot());
            let mut fired = log.take();
            fired.sort();
            prop_assert_eq!(fired, due(&before, &after), "{:?}", step);

            model.transaction(|tx| {
                for &step in &steps {
                    step!(&mut *tx, step);
                }
                Ok::<_, ()>(())
            }).unwrap();
            let mut fired = log.take();
            fired.sort();
            prop_assert_eq!(fired, due(&after, &model.snapshot()), "in one: {:?}", steps);
            if let Some(held) = held {
                prop_assert_eq!(&*held, &before);
            }
        }
        prop_assert_eq!(model.panics(), 0);
    }
}
