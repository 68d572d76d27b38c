//! Types of every shape, and values of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sprag::prelude::*;

/// A device and its state.
#[derive(Model, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tv {
    playback: Playback,
    #[model(browser = "write")]
    volume: u8,
    #[model(browser = "write")]
    queue: Vec<Song>,
    #[model(browser = "write")]
    tags: BTreeSet<String>,
    #[model(browser = "write")]
    years: BTreeSet<u16>,
    seen: BTreeSet<u16>,
    users: BTreeMap<String, User>,
    /// Elements are inserted and removed; no write replaces a whole one.
    #[model(browser = "write")]
    rooms: BTreeMap<String, Room>,
    #[model(browser = "never")]
    api_key: String,
    #[model(browser = "never")]
    accounts: Vec<Account>,
}

#[derive(Model, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Playback {
    url: Option<String>,
    /// In seconds.
    position: f64,
}

#[derive(Model, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Song {
    title: String,
}

#[derive(Model, Clone, Default, Serialize, Deserialize)]
pub(crate) struct User {
    #[model(browser = "write")]
    name: String,
}

#[derive(Model, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Room {
    name: String,
    #[serde(default)]
    #[model(browser = "never")]
    token: String,
}

#[derive(Model, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    user: String,
}

/// Every shape once.
#[derive(Model, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fixture {
    is_on: bool,
    letter: char,
    small: i8,
    large: u64,
    half: f32,
    text: Arc<str>,
    nothing: (),
    length: Duration,
    maybe: Option<u8>,
    twice: Option<Option<u8>>,
    bytes: Vec<u8>,
    three: [u8; 3],
    many: BTreeSet<u16>,
    pair: (u8, String),
    by_number: BTreeMap<u32, Units>,
    units: Vec<Units>,
    external: Vec<External>,
    internal: Vec<Internal>,
    adjacent: Vec<Adjacent>,
    untagged: Vec<Untagged>,
    tagged_units: Vec<TaggedUnits>,
    wrapped: Wrapped,
    transparent: Transparent,
    two: Two,
    unit: Unit,
    empty: Empty,
    tagged: Tagged,
    outcome: Vec<Outcome>,
    tree: Tree,
    page: Page<Song>,
    pages: Page<u8>,
    #[serde(flatten)]
    flat: Flat,
    #[serde(flatten)]
    maybe_flat: Option<MaybeFlat>,
    #[serde(rename = "a-b \"c\"")]
    strange: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    absent: Vec<u8>,
    #[serde(skip)]
    skipped: u8,
    #[serde(serialize_with = "as_text")]
    #[model(ts = "`${number}`")]
    number: u16,
    #[model(skip)]
    #[model(ts = "number")]
    no_place: u8,
    #[model(browser = "write")]
    written: Vec<External>,
}

fn as_text<S: serde::Serializer>(number: &u16, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(number)
}

#[derive(Model, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Units {
    #[default]
    FirstOne,
    #[serde(rename = "2nd")]
    Second,
}

#[derive(Model, Clone, Serialize)]
pub(crate) enum External {
    Off,
    On(u8),
    Range(u8, u8),
    Playing {
        title: String,
        #[serde(rename = "at-second")]
        at: u64,
    },
}

#[derive(Model, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Internal {
    Off,
    Of(Song),
    Playing { title: String },
}

#[derive(Model, Clone, Serialize)]
#[serde(tag = "t", content = "c")]
pub(crate) enum Adjacent {
    Off,
    On(u8),
    Range(u8, u8),
    Playing { title: String },
}

#[derive(Model, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Untagged {
    Nothing,
    Number(u8),
    Song(Song),
    Range(u8, u8),
}

#[derive(Model, Clone, Serialize)]
#[serde(tag = "kind")]
pub(crate) enum TaggedUnits {
    A,
    B,
}

#[derive(Model, Clone, Default, Serialize)]
pub(crate) struct Wrapped(u32);

#[derive(Model, Clone, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Transparent {
    only: Vec<u8>,
}

#[derive(Model, Clone, Default, Serialize)]
pub(crate) struct Two(u8, String);

#[derive(Model, Clone, Default, Serialize)]
pub(crate) struct Unit;

#[derive(Model, Clone, Default, Serialize)]
pub(crate) struct Empty {}

#[derive(Model, Clone, Default, Serialize)]
#[serde(tag = "kind", rename = "Renamed")]
pub(crate) struct Tagged {
    a: u8,
}

type Outcome = Result<u8, String>;

#[derive(Model, Clone, Default, Serialize)]
pub(crate) struct Tree {
    name: String,
    left: Option<Box<Self>>,
    others: Vec<Self>,
}

#[derive(Model, Clone, Default, Serialize)]
pub(crate) struct Page<T> {
    items: Vec<T>,
    next: Option<u32>,
}

#[derive(Model, Clone, Default, Serialize)]
pub(crate) struct Flat {
    flat_one: u8,
    flat_two: Option<String>,
}

#[derive(Model, Clone, Default, Serialize)]
pub(crate) struct MaybeFlat {
    perhaps: u8,
}

/// A generator with the same numbers in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn small(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or_default()
    }

    fn is_so(&mut self) -> bool {
        self.below(2) == 0
    }

    fn text(&mut self) -> String {
        ["", "a", "\"q\"", "ü\n", "</script>", "__proto__"][usize::from(self.small()) % 6].into()
    }

    fn many<K>(&mut self, mut make: impl FnMut(&mut Self) -> K) -> Vec<K> {
        (0..self.below(4)).map(|_| make(self)).collect()
    }

    fn maybe<K>(&mut self, make: impl FnOnce(&mut Self) -> K) -> Option<K> {
        self.is_so().then(|| make(self))
    }
}

/// Values of all shapes.
pub(crate) fn values() -> Vec<Fixture> {
    let mut numbers = Numbers(11);
    (0..40).map(|_| fixture(&mut numbers)).collect()
}

fn fixture(n: &mut Numbers) -> Fixture {
    Fixture {
        is_on: n.is_so(),
        letter: 'x',
        small: -3,
        large: n.below(1 << 30),
        half: 0.5,
        text: n.text().into(),
        nothing: (),
        length: Duration::from_millis(n.below(9000)),
        maybe: n.maybe(Numbers::small),
        twice: n.maybe(|n| n.maybe(Numbers::small)),
        bytes: n.many(Numbers::small),
        three: [n.small(), n.small(), n.small()],
        many: n.many(|n| n.below(900) as u16).into_iter().collect(),
        pair: (n.small(), n.text()),
        by_number: n.many(|n| (n.below(9) as u32, units(n))).into_iter().collect(),
        units: n.many(units),
        external: n.many(external),
        internal: n.many(internal),
        adjacent: n.many(adjacent),
        untagged: n.many(untagged),
        tagged_units: n.many(|n| if n.is_so() { TaggedUnits::A } else { TaggedUnits::B }),
        wrapped: Wrapped(7),
        transparent: Transparent { only: n.many(Numbers::small) },
        two: Two(n.small(), n.text()),
        unit: Unit,
        empty: Empty {},
        tagged: Tagged { a: n.small() },
        outcome: n.many(|n| if n.is_so() { Ok(n.small()) } else { Err(n.text()) }),
        tree: tree(n, 3),
        page: Page { items: n.many(|n| Song { title: n.text() }), next: n.maybe(|_| 3) },
        pages: Page { items: n.many(Numbers::small), next: None },
        flat: Flat { flat_one: n.small(), flat_two: n.maybe(Numbers::text) },
        maybe_flat: n.maybe(|n| MaybeFlat { perhaps: n.small() }),
        strange: n.small(),
        absent: n.many(Numbers::small),
        skipped: 0,
        number: u16::from(n.small()),
        no_place: n.small(),
        written: n.many(external),
    }
}

fn units(n: &mut Numbers) -> Units {
    if n.is_so() { Units::FirstOne } else { Units::Second }
}

fn external(n: &mut Numbers) -> External {
    match n.below(4) {
        0 => External::Off,
        1 => External::On(n.small()),
        2 => External::Range(n.small(), n.small()),
        _ => External::Playing { title: n.text(), at: n.below(99) },
    }
}

fn internal(n: &mut Numbers) -> Internal {
    match n.below(3) {
        0 => Internal::Off,
        1 => Internal::Of(Song { title: n.text() }),
        _ => Internal::Playing { title: n.text() },
    }
}

fn adjacent(n: &mut Numbers) -> Adjacent {
    match n.below(4) {
        0 => Adjacent::Off,
        1 => Adjacent::On(n.small()),
        2 => Adjacent::Range(n.small(), n.small()),
        _ => Adjacent::Playing { title: n.text() },
    }
}

fn untagged(n: &mut Numbers) -> Untagged {
    match n.below(4) {
        0 => Untagged::Nothing,
        1 => Untagged::Number(n.small()),
        2 => Untagged::Song(Song { title: n.text() }),
        _ => Untagged::Range(n.small(), n.small()),
    }
}

fn tree(n: &mut Numbers, depth: usize) -> Tree {
    if depth == 0 {
        return Tree::default();
    }
    let left = n.maybe(|n| Box::new(tree(n, depth - 1)));
    Tree { name: n.text(), left, others: n.many(|n| tree(n, depth - 1)) }
}

/// The store on the first page of the README.
pub(super) mod readme {
    use serde::{Deserialize, Serialize};
    use sprag::prelude::*;

    #[derive(Model, Clone, Default, Serialize, Deserialize)]
    pub(crate) struct Tv {
        url: Option<String>,
        #[model(browser = "write")]
        volume: u8,
    }
}
