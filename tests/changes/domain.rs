//! A state of every shape that serde and paths know, and writes of every kind to it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;
use sprag::state::Changeset;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct World {
    pub(crate) seen_count: u64,
    pub(crate) name: String,
    pub(crate) maybe: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<Item>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) odd: BTreeMap<String, u8>,
    pub(crate) list: Vec<Item>,
    pub(crate) deque: VecDeque<u8>,
    pub(crate) array: [u8; 3],
    pub(crate) by_id: HashMap<u64, Item>,
    pub(crate) by_room: BTreeMap<RoomId, Item>,
    pub(crate) by_color: BTreeMap<Color, u8>,
    pub(crate) ordered: IndexMap<String, u8>,
    pub(crate) shared_list: imbl::Vector<u8>,
    pub(crate) shared_map: imbl::OrdMap<u8, Item>,
    #[serde(flatten)]
    pub(crate) flat: Flat,
    pub(crate) external: External,
    pub(crate) internal: Internal,
    pub(crate) adjacent: Adjacent,
    pub(crate) untagged: Untagged,
    pub(crate) node: Node,
    pub(crate) pair: Pair,
    pub(crate) wrapped: Wrapped,
    pub(crate) tuple: (u8, String),
    pub(crate) set: BTreeSet<u8>,
    pub(crate) arranged: IndexSet<String>,
    #[serde(default, skip_serializing_if = "imbl::OrdSet::is_empty")]
    pub(crate) colors: imbl::OrdSet<Color>,
    pub(crate) hashed: HashSet<Item>,
    pub(crate) sets: BTreeMap<u8, BTreeSet<u8>>,
    pub(crate) maybe_set: Option<imbl::HashSet<u8>>,
    #[serde(skip)]
    pub(crate) secret: u8,
    #[serde(with = "as_text")]
    pub(crate) custom: Item,
    pub(crate) opaque: Converted,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) title: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) stars: u8,
    pub(crate) marks: Vec<u8>,
}

pub(crate) fn is_zero(number: &u8) -> bool {
    *number == 0
}

#[derive(
    Model, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub(crate) struct RoomId(pub(crate) String);

#[derive(
    Model, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Color {
    DarkRed,
    Green,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flat {
    pub(crate) x: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) z: Option<u8>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rest {
    pub(crate) deep_rest: Item,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum External {
    #[default]
    Idle,
    Playing(Item),
    Both(u8, Item),
    Named {
        item: Item,
        speed: u8,
    },
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Internal {
    #[default]
    Idle,
    Playing(Item),
    FastForward {
        item: Item,
        speed: u8,
    },
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
pub(crate) enum Adjacent {
    #[default]
    Idle,
    Playing(Item),
    Named {
        item: Item,
        speed: u8,
    },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Untagged {
    Number(u8),
    Named { item: Item, speed: u8 },
    Text(String),
}

impl Default for Untagged {
    fn default() -> Self {
        Self::Number(0)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) value: u8,
    pub(crate) next: Option<Box<Node>>,
    pub(crate) boxed: Box<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pair(pub(crate) u8, pub(crate) Item);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wrapped(pub(crate) Item);

/// Written as a number.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "u8", from = "u8")]
pub(crate) struct Converted {
    pub(crate) inner: u8,
}

impl From<Converted> for u8 {
    fn from(converted: Converted) -> Self {
        converted.inner
    }
}

impl From<u8> for Converted {
    fn from(inner: u8) -> Self {
        Self { inner }
    }
}

/// An item as one text.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Item;

    pub(super) fn serialize<S: Serializer>(item: &Item, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&serde_json::to_string(item).unwrap())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Item, D::Error> {
        serde_json::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The JSON of the state, in which a set without an order has an order.
pub(crate) fn json(world: &World) -> Value {
    arranged(to_value(world).unwrap())
}

pub(crate) fn arranged(mut world: Value) -> Value {
    for place in ["hashed", "maybeSet"] {
        if let Value::Array(members) = &mut world[place] {
            members.sort_by_key(Value::to_string);
        }
    }
    world
}

/// One write: its kind, and two numbers that choose values and places.
pub(crate) type Action = (u8, u8, u8);

pub(crate) fn item(a: u8, b: u8) -> Item {
    Item { title: format!("t{a}"), stars: b % 3, marks: vec![b; usize::from(a % 3)] }
}

pub(crate) fn text(a: u8) -> String {
    ["", "a", "a.b", "\"", "~1/x", "ü", "0"][usize::from(a) % 7].to_owned()
}

/// How many kinds of writes by path there are.
pub(crate) const KINDS: u8 = 91;

macro_rules! writes {
    ($on:ident, $kind:ident, $a:ident, $b:ident) => {{
        let (p, small) = (World::PATHS, u64::from($a % 4));
        match $kind % KINDS {
            0 => drop($on.set(p.seen_count, small)),
            1 => drop($on.set(p.name, text($a))),
            2 => drop($on.set(p.maybe, ($b % 2 == 0).then(|| text($a)))),
            3 => drop($on.set(p.note, ($b % 2 == 0).then(|| item($a, $b)))),
            4 => drop($on.set(p.note.some().stars, $b % 3)),
            5 => $on.push(p.tags, text($a)),
            6 => drop($on.pop(p.tags)),
            7 => drop($on.insert(p.odd, text($a), $b)),
            8 => drop($on.remove(p.odd, text($a))),
            9 => $on.push(p.list, item($a, $b)),
            10 => $on.extend(p.list, [item($a, $b), item($b, $a)]),
            11 => drop($on.pop(p.list)),
            12 => drop($on.remove(p.list, usize::from($a % 4))),
            13 => $on.retain(p.list, |item| item.stars != $a % 3),
            14 => $on.sort_by(p.list, |a, b| a.title.cmp(&b.title)),
            15 => drop($on.set(p.list.at(usize::from($a % 3)).then(Item::PATHS.stars), $b % 3)),
            16 => drop($on.push(p.list.at(usize::from($a % 3)).then(Item::PATHS.marks), $b)),
            17 => $on.push(p.deque, $a),
            18 => $on.sort(p.deque),
            19 => drop($on.remove(p.deque, usize::from($a % 3))),
            20 => drop($on.set(p.array.at(usize::from($a % 3)), $b)),
            21 => $on.sort(p.array),
            22 => drop($on.insert(p.by_id, small, item($a, $b))),
            23 => drop($on.remove(p.by_id, small)),
            24 => drop($on.set(p.by_id.key(small).then(Item::PATHS.title), text($b))),
            25 => $on.retain(p.by_id, |(key, _)| key % 2 == u64::from($a % 2)),
            26 => drop($on.insert(p.by_room, RoomId(text($a)), item($a, $b))),
            27 => drop($on.remove(p.by_room, RoomId(text($a)))),
            28 => drop($on.push(p.by_room.key(RoomId(text($a))).then(Item::PATHS.marks), $b)),
            29 => drop($on.insert(p.by_color, color($a), $b)),
            30 => drop($on.remove(p.by_color, color($a))),
            31 => drop($on.insert(p.ordered, text($a), $b)),
            32 => drop($on.remove(p.ordered, text($a))),
            33 => $on.push(p.shared_list, $a),
            34 => drop($on.remove(p.shared_list, usize::from($a % 3))),
            35 => drop($on.insert(p.shared_map, $a % 3, item($a, $b))),
            36 => drop($on.set(p.shared_map.key($a % 3).then(Item::PATHS.stars), $b % 3)),
            37 => drop($on.set(p.flat.x, $a)),
            38 => drop($on.set(p.flat.z, ($b % 2 == 0).then_some($a))),
            39 => drop($on.set(p.flat.rest.deep_rest.stars, $b % 3)),
            40 => {
                drop($on.set(
                    p.flat,
                    Flat { x: $a, z: ($b % 2 == 0).then_some(1), rest: Rest::default() },
                ))
            }
            41 => drop($on.set(p.external, external($a, $b))),
            42 => drop($on.set(p.external.named.item.stars, $b % 3)),
            43 => drop($on.set(p.external.playing.0.title, text($b))),
            44 => drop($on.set(p.internal, internal($a, $b))),
            45 => drop($on.set(p.internal.playing.0, item($b, $a))),
            46 => drop($on.push(p.internal.fast_forward.item.marks, $b)),
            47 => drop($on.set(p.adjacent, adjacent($a, $b))),
            48 => drop($on.set(p.adjacent.named.speed, $b)),
            49 => drop($on.set(p.untagged, untagged($a, $b))),
            50 => drop($on.set(p.untagged.named.item.title, text($b))),
            51 => drop($on.set(p.node.next, Some(Box::new(Node { value: $a, ..Node::default() })))),
            52 => drop($on.set(
                p.node.next.some().deref().then(Node::PATHS.boxed).deref().then(Item::PATHS.stars),
                $b % 3,
            )),
            53 => drop($on.set(p.pair.1.stars, $b % 3)),
            54 => drop($on.set(p.wrapped.0.title, text($a))),
            55 => drop($on.add(p.set, $a % 8)),
            56 => drop($on.remove(p.set, $a % 8)),
            57 => $on.retain(p.set, |member| member % 3 != $a % 3),
            58 => drop($on.add(p.arranged, text($a))),
            59 => drop($on.remove(p.arranged, text($a))),
            60 => drop($on.add(p.colors, color($a))),
            61 => drop($on.remove(p.colors, color($a))),
            62 => drop($on.add(p.hashed, item($a % 3, $b % 3))),
            63 => drop($on.remove(p.hashed, item($a % 3, $b % 3))),
            64 => drop((
                $on.insert(p.sets, $a % 2, BTreeSet::new()),
                $on.add(p.sets.key($b % 2), $a % 8),
                $on.remove(p.sets.key($a % 2), $b % 8),
            )),
            65 => drop($on.set(p.maybe_set, ($b % 2 == 0).then(|| imbl::HashSet::unit($a)))),
            66 => drop($on.add(p.maybe_set.some(), $a)),
            67 => $on.update_at(p.list, |list| list.retain(|item| item.stars != $a % 3)),
            68 => $on.update_at(p.flat, |flat| (flat.x, flat.rest.deep_rest.stars) = ($a, $b % 3)),
            69 => drop($on.update_at(p.by_id.key(small), |item| item.marks.push($b))),
            70 => drop((
                $on.set(p.custom.stars, $b % 3),
                $on.set(p.opaque.inner, $b),
                $on.set(p.secret, $a),
            )),
            71 => $on.patch(WorldPatch::new().seen_count(small).name(text($b)).tags(vec![])),
            72 => $on.patch_at(p.pair.1, ItemPatch::new().title(text($a)).stars($b % 3)),
            73 => drop($on.patch_at(p.external.named.item, ItemPatch::new().marks(vec![$b]))),
            74 => drop($on.insert_at(p.list, usize::from($a % 5), item($a, $b))),
            75 => drop($on.insert_at(p.shared_list, usize::from($a % 3), $b)),
            76 => drop($on.insert_at(p.deque, usize::from($a % 3), $b)),
            77 => drop($on.insert_if_absent(p.by_id, small, item($a, $b))),
            78 => drop($on.insert_if_absent(p.ordered, text($a), $b)),
            79 => drop($on.update_or_insert(
                p.by_room,
                RoomId(text($a)),
                |item| item.marks.push($b),
                || item($b, $a),
            )),
            80 => drop($on.update_or_insert(p.odd, text($a), |odd| *odd = $b, || $b)),
            81 => drop(($on.take(p.maybe), $on.take(p.note.some().marks))),
            82 => drop(($on.take(p.list.at(usize::from($a % 3))), $on.take(p.by_color))),
            83 => $on.sort_by_key(p.list, |item| item.marks.len()),
            84 => $on.sort(p.shared_list),
            85 => $on.retain(p.shared_list, |item| item % 3 != $a % 3),
            86 => $on.retain(p.shared_map, |(key, item)| key % 3 != $a % 3 || item.stars == $b % 3),
            87 => $on.retain(p.ordered, |(key, _)| *key != text($a)),
            88 => $on.retain(p.arranged, |member| *member != text($a)),
            89 => $on.retain(p.colors, |member| *member != color($a)),
            _ => drop($on.apply(&changeset($kind, $a, $b))),
        }
    }};
}

/// A write by path.
pub(crate) fn write(world: &Model<World>, (kind, a, b): Action) {
    writes!(world, kind, a, b);
}

/// The same inside a transaction.
pub(crate) fn write_in(tx: &mut sprag::state::Transaction<'_, World>, (kind, a, b): Action) {
    writes!(tx, kind, a, b);
}

/// Ops that often fit.
pub(crate) fn changeset(kind: u8, a: u8, b: u8) -> Changeset {
    let ops = [
        json!(["=", ["name"], text(a)]),
        json!(["+", ["list", "-"], item(a, b), item(b, a)]),
        json!(["+", ["set", [a % 8]]]),
        json!(["-", ["list", a % 3]]),
        json!(["=", ["byRoom", text(a)], item(b, a)]),
        json!(["-", ["list"], [0, 1]]),
        json!(["~", ["list"], 0, [1, 0]]),
        json!(["=", ["external"], external(a, b)]),
    ];
    let ops: Vec<&Value> = [kind, a, b].iter().map(|n| &ops[usize::from(n % 8)]).collect();
    serde_json::from_value(json!({ "from": 0, "to": 1, "ops": ops })).unwrap()
}

fn color(a: u8) -> Color {
    if a.is_multiple_of(2) { Color::DarkRed } else { Color::Green }
}

pub(crate) fn external(a: u8, b: u8) -> External {
    match a % 4 {
        0 => External::Idle,
        1 => External::Playing(item(a, b)),
        2 => External::Both(b, item(a, b)),
        _ => External::Named { item: item(a, b), speed: b },
    }
}

pub(crate) fn internal(a: u8, b: u8) -> Internal {
    match a % 3 {
        0 => Internal::Idle,
        1 => Internal::Playing(item(a, b)),
        _ => Internal::FastForward { item: item(a, b), speed: b },
    }
}

pub(crate) fn adjacent(a: u8, b: u8) -> Adjacent {
    match a % 3 {
        0 => Adjacent::Idle,
        1 => Adjacent::Playing(item(a, b)),
        _ => Adjacent::Named { item: item(a, b), speed: b },
    }
}

pub(crate) fn untagged(a: u8, b: u8) -> Untagged {
    match a % 3 {
        0 => Untagged::Number(b),
        1 => Untagged::Named { item: item(a, b), speed: b },
        _ => Untagged::Text(text(a)),
    }
}

/// A write of the whole state, in which several places may differ.
pub(crate) fn rewrite(world: &mut World, (kind, a, b): Action) {
    match kind % 16 {
        0 => world.list.insert(usize::from(a) % (world.list.len() + 1), item(a, b)),
        1 => world.list.reverse(),
        2 => world.list.iter_mut().for_each(|item| item.stars = b % 3),
        3 => (world.tags, world.note) = (vec![text(a); usize::from(b % 3)], None),
        4 => drop(world.by_id.insert(u64::from(a % 4), item(b, a))),
        5 => world.by_room.clear(),
        6 => (world.flat.x, world.flat.z) = (a, (b.is_multiple_of(2)).then_some(a)),
        7 => (world.external, world.internal) = (external(a, b), internal(b, a)),
        8 => (world.adjacent, world.untagged) = (adjacent(a, b), untagged(b, a)),
        9 => world.node.next = Some(Box::new(Node { value: a, ..Node::default() })),
        10 => (world.secret, world.custom.stars, world.opaque.inner) = (a, b % 3, b),
        11 => {
            world.set.extend([a % 8, b % 8]);
            world.set.remove(&((a ^ b) % 8));
        }
        12 => {
            world.arranged.shift_remove(&text(a));
            world.arranged.shift_insert(0, text(b));
        }
        13 => {
            world.hashed.remove(&item(b % 3, a % 3));
            world.hashed.extend([item(a % 3, b % 3)]);
            world.colors.insert(color(a));
        }
        14 => world.sets.entry(a % 2).or_default().extend([b % 8]),
        _ => (world.pair.1, world.wrapped.0, world.tuple) = (item(a, b), item(b, a), (a, text(b))),
    }
}
