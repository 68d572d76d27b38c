//! L6: members that a newer type adds inside of each kind of value.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::path::State;
use sprag::prelude::*;
use sprag_log::{Logged, OpenError, Opening, open};

use crate::simulated::{Client, Faults, World};

/// The types of the first release.
mod old {
    use super::*;

    #[derive(
        Model, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
    )]
    pub(super) struct Point {
        pub(super) x: u64,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(super) enum External {
        #[default]
        Nothing,
        At(Point),
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    pub(super) enum Internal {
        #[default]
        Nothing,
        At(Point),
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", content = "value")]
    pub(super) enum Adjacent {
        #[default]
        Nothing,
        At(Point),
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    pub(super) enum Untagged {
        At(Point),
        #[default]
        Nothing,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type")]
    pub(super) struct Tagged {
        pub(super) point: Point,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(super) struct Map {
        pub(super) maybe: Option<Point>,
        pub(super) pair: (Point, u64),
        pub(super) corners: [Point; 2],
        pub(super) boxed: Box<Point>,
        pub(super) list: Vec<Point>,
        pub(super) set: BTreeSet<Point>,
        pub(super) named: BTreeMap<String, Point>,
        pub(super) external: External,
        pub(super) internal: Internal,
        pub(super) adjacent: Adjacent,
        pub(super) untagged: Untagged,
        pub(super) tagged: Tagged,
        #[serde(flatten)]
        pub(super) first: Size,
        #[serde(flatten)]
        pub(super) second: Centre,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(super) struct Size {
        pub(super) width: u64,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(super) struct Centre {
        pub(super) centre: Point,
    }
}

/// The types of the next release: a point has more members, and `adjacent` has one more.
mod new {
    use super::*;

    #[derive(
        Model, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
    )]
    #[serde(default)]
    pub(super) struct Point {
        pub(super) x: u64,
        pub(super) y: Option<u64>,
        pub(super) tags: Vec<String>,
        pub(super) notes: BTreeMap<String, u64>,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(super) enum External {
        #[default]
        Nothing,
        At(Point),
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    pub(super) enum Internal {
        #[default]
        Nothing,
        At(Point),
    }

    /// The successor of an enum with its tag beside its content.
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub(super) struct Adjacent {
        pub(super) kind: String,
        #[serde(default)]
        pub(super) value: Option<Point>,
        #[serde(default)]
        pub(super) more: Option<u64>,
    }

    impl Default for Adjacent {
        fn default() -> Self {
            Self { kind: "Nothing".into(), value: None, more: None }
        }
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    pub(super) enum Untagged {
        At(Point),
        #[default]
        Nothing,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type")]
    pub(super) struct Tagged {
        pub(super) point: Point,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(super) struct Map {
        pub(super) maybe: Option<Point>,
        pub(super) pair: (Point, u64),
        pub(super) corners: [Point; 2],
        pub(super) boxed: Box<Point>,
        pub(super) list: Vec<Point>,
        pub(super) set: BTreeSet<Point>,
        pub(super) named: BTreeMap<String, Point>,
        pub(super) external: External,
        pub(super) internal: Internal,
        pub(super) adjacent: Adjacent,
        pub(super) untagged: Untagged,
        pub(super) tagged: Tagged,
        #[serde(flatten)]
        pub(super) first: Size,
        #[serde(flatten)]
        pub(super) second: Centre,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(super) struct Size {
        pub(super) width: u64,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(super) struct Centre {
        pub(super) centre: Point,
    }
}

fn opening<T>(world: &World, initial: T) -> Opening<Client, T>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
{
    open(Arc::new(world.client()), "map", initial).deadline(Duration::from_secs(1))
}

/// A log that the first release began.
async fn begun() -> (World, Logged<old::Map>) {
    let world = World::new(7, Faults::default());
    let old = opening(&world, old::Map::default()).await.unwrap();
    old.set(old::Map::PATHS.first.width, 1).await.unwrap();
    (world, old)
}

/// How the first release takes a write of the next one from the entries: its state, or its
/// problem.
async fn from_entries(write: fn(&mut new::Map)) -> Result<Value, String> {
    let (world, old) = begun().await;
    let new = opening(&world, new::Map::default()).await.unwrap();
    new.update(write).await.unwrap();
    match old.sync().await {
        Ok(()) => Ok(serde_json::to_value(&*old.snapshot()).unwrap()),
        Err(_) => Err(old.problem().expect("it does not follow")),
    }
}

/// The same from a snapshot of the next release.
async fn from_snapshot(write: fn(&mut new::Map)) -> Result<Value, String> {
    let (world, old) = begun().await;
    old.stop().await;
    let new = opening(&world, new::Map::default()).snapshots(1, 0).await.unwrap();
    new.update(write).await.unwrap();
    new.stop().await;
    match opening(&world, old::Map::default()).await {
        Ok(old) => Ok(serde_json::to_value(&*old.snapshot()).unwrap()),
        Err(OpenError::Misfit { reason, .. }) => Err(reason.to_string()),
        Err(error) => panic!("{error}"),
    }
}

fn point(x: u64) -> new::Point {
    new::Point { x, ..new::Point::default() }
}

/// A write of the next release.
type Write = fn(&mut new::Map);

/// A point with a member that the first release does not have.
fn deep() -> new::Point {
    new::Point { y: Some(5), ..point(0) }
}

#[tokio::test(start_paused = true)]
async fn l6_an_older_process_holds_what_it_knows_in_each_kind_of_value() {
    let all = |map: &mut new::Map| {
        map.maybe = Some(point(1));
        map.pair = (point(2), 3);
        map.corners[1] = point(4);
        map.boxed.x = 5;
        map.list.push(point(6));
        map.set.insert(point(7));
        map.named.insert("a".into(), point(8));
        map.external = new::External::At(point(9));
        map.internal = new::Internal::At(point(10));
        map.untagged = new::Untagged::At(point(12));
        map.tagged.point.x = 13;
        map.second.centre.x = 14;
    };
    let x = |x| json!({ "x": x });
    let expected = json!({
        "maybe": x(1),
        "pair": [x(2), 3],
        "corners": [x(0), x(4)],
        "boxed": x(5),
        "list": [x(6)],
        "set": [x(7)],
        "named": { "a": x(8) },
        "external": { "At": x(9) },
        "internal": { "kind": "At", "x": 10 },
        "adjacent": { "kind": "Nothing" },
        "untagged": x(12),
        "tagged": { "type": "Tagged", "point": x(13) },
        "width": 1,
        "centre": x(14),
    });
    assert_eq!(from_entries(all).await.as_ref(), Ok(&expected));
    assert_eq!(from_snapshot(all).await.as_ref(), Ok(&expected));
    // The next release has a struct in place of the enum, which an entry names the members of.
    let adjacent = |map: &mut new::Map| {
        map.adjacent = new::Adjacent { kind: "At".into(), value: Some(point(11)), more: None };
    };
    let state = from_snapshot(adjacent).await.unwrap();
    assert_eq!(state["adjacent"], json!({ "kind": "At", "value": x(11) }));
}

/// Each write has a member that the first release lacks, at the place beside it.
const LOST: &[(&str, Write)] = &[
    ("maybe.y", |map| map.maybe = Some(deep())),
    ("pair.0.y", |map| map.pair.0 = deep()),
    ("corners.1.y", |map| map.corners[1] = deep()),
    ("boxed.y", |map| *map.boxed = deep()),
    ("list.0.y", |map| map.list.push(deep())),
    ("set.0.y", |map| assert!(map.set.insert(deep()))),
    ("named.a.y", |map| drop(map.named.insert("a".into(), deep()))),
    ("external.At.y", |map| map.external = new::External::At(deep())),
    ("internal.y", |map| map.internal = new::Internal::At(deep())),
    ("adjacent.more", |map| map.adjacent.more = Some(1)),
    ("untagged.y", |map| map.untagged = new::Untagged::At(deep())),
    ("tagged.point.y", |map| map.tagged.point = deep()),
    ("centre.y", |map| map.second.centre = deep()),
    ("boxed.tags", |map| map.boxed.tags = vec!["a".into()]),
    ("boxed.notes", |map| map.boxed.notes = BTreeMap::from([("a".into(), 1)])),
];

#[tokio::test(start_paused = true)]
async fn l6_a_member_that_an_older_type_lacks_is_found_in_each_kind_of_value() {
    for (place, write) in LOST {
        // An entry may name a place inside of the member.
        let found = |problem: String| problem.contains(&format!("newer type wrote `{place}"));
        let problem = from_entries(*write).await.expect_err(place);
        let is_member = found(problem.clone()) || problem.contains("`set");
        assert!(is_member, "{place} in entries: {problem}");
        let problem = from_snapshot(*write).await.expect_err(place);
        assert!(found(problem.clone()), "{place} in a snapshot: {problem}");
    }
}

/// A type with all layouts, twice, with names of Rust that differ.
macro_rules! renamed {
    ($state:ident, $part:ident, $last:ident, $enum:ident, $set:ident) => {
        #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        struct $part {
            x: u64,
        }

        #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        enum $enum {
            #[default]
            Nothing,
            At {
                x: u64,
            },
        }

        #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        struct $state {
            maybe: Option<$part>,
            pair: ($part, u64),
            corners: [$part; 2],
            boxed: Box<$part>,
            list: Vec<$part>,
            set: $set<u64>,
            named: BTreeMap<String, $part>,
            kind: $enum,
            last: $last,
        }
    };
}

/// The form of the parts once more, under a name of its own.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct LastAfter {
    x: u64,
}

renamed!(Before, PartBefore, PartBefore, KindBefore, BTreeSet);
renamed!(After, PartAfter, LastAfter, KindAfter, HashSet);

#[tokio::test(start_paused = true)]
async fn l6_a_new_name_in_rust_is_not_a_new_type() {
    let world = World::new(7, Faults::default());
    let before = opening(&world, Before::default()).await.unwrap();
    before.set(Before::PATHS.maybe, Some(PartBefore { x: 1 })).await.unwrap();
    before.set(Before::PATHS.kind, KindBefore::At { x: 2 }).await.unwrap();
    assert!(matches!(&before.snapshot().kind, KindBefore::At { x: 2 }));
    before.stop().await;
    let migrate = |_: Value| Err::<Value, _>("the type is the same");
    let after = opening(&world, After::default()).migrate(migrate).await.unwrap();
    assert_eq!(after.snapshot().maybe.as_ref().map(|part| part.x), Some(1));
    assert!(matches!(&after.snapshot().kind, KindAfter::At { x: 2 }));
}

/// Three types that differ in the inside of one kind of value alone.
macro_rules! changed {
    ($name:ident, $kind:ty) => {
        #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        struct $name {
            value: $kind,
        }
    };
}

mod inner {
    use super::*;

    pub(super) mod one {
        use super::*;

        #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub(in super::super) enum Kind {
            #[default]
            A,
            B,
        }
    }

    pub(super) mod other {
        use super::*;

        #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub(in super::super) enum Kind {
            #[default]
            A,
            C,
        }
    }
}

changed!(ArrayOfTwo, [u64; 2]);
changed!(ArrayOfThree, [u64; 3]);
changed!(EnumOne, inner::one::Kind);
changed!(EnumOther, inner::other::Kind);

/// Whether a log of the type `A` is of an older type for a process of the type `B`.
async fn is_another<A, B>() -> bool
where
    A: State + Clone + Default + Send + Sync + Serialize + DeserializeOwned,
    B: State + Clone + Default + Send + Sync + Serialize + DeserializeOwned,
{
    let world = World::new(7, Faults::default());
    let before = opening(&world, A::default()).await.unwrap();
    before.sync().await.unwrap();
    before.stop().await;
    let migrate = |_: Value| Ok::<_, String>(serde_json::to_value(B::default()).unwrap());
    let migrated = opening(&world, B::default()).migrate(migrate).await;
    let refuse = |_: Value| Err::<Value, _>("it runs");
    let refused = opening(&world, B::default()).migrate(refuse).await;
    migrated.expect("the migration is right");
    refused.is_err()
}

#[tokio::test(start_paused = true)]
async fn l6_another_length_or_another_variant_is_another_type() {
    assert!(is_another::<ArrayOfTwo, ArrayOfThree>().await);
    assert!(is_another::<EnumOne, EnumOther>().await);
    assert!(!is_another::<ArrayOfTwo, ArrayOfTwo>().await);
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counted {
    volume: u64,
    name: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Worded {
    #[serde(deserialize_with = "word")]
    volume: String,
    name: String,
}

/// Reads the number of the first release too.
fn word<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

#[tokio::test(start_paused = true)]
async fn l6_a_newer_value_that_does_not_match_says_that_the_newer_type_wrote_it() {
    let world = World::new(7, Faults::default());
    let old = opening(&world, Counted::default()).await.unwrap();
    old.set(Counted::PATHS.volume, 3).await.unwrap();
    let new = opening(&world, Worded::default()).await.unwrap();
    assert_eq!(new.get(Worded::PATHS.volume), "3");
    new.set(Worded::PATHS.volume, "loud".into()).await.unwrap();
    old.sync().await.unwrap_err();
    let problem = old.problem().unwrap();
    assert!(problem.contains("a newer type wrote data that does not match"), "{problem}");
    assert!(problem.contains("start this process with the newer type"), "{problem}");
}
