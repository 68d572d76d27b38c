//! I1 and I2 for writes by text: nothing is lost, and no user code runs under the lock.

use std::cell::{Cell, RefCell};
use std::cmp;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use sprag::prelude::*;
use test_support::within;

use super::domain::{Playback, Tv, tv};

/// The deadline of a test that could hang.
const LIMIT: Duration = Duration::from_secs(60);

const ROUNDS: u64 = 200;

/// Each thread owns one place and writes it by text; typed writers own others.
#[test]
fn i1_writes_of_neighbours_are_not_lost() {
    within(LIMIT, || {
        let tv = tv();
        let paths = ["users.7.name", "users.9.name", "labels.new", "queue.0.title", "named.x.name"];
        tv.insert(Tv::PATHS.named, "x", Default::default());
        let start = Barrier::new(paths.len() + 3);
        thread::scope(|scope| {
            for path in paths {
                let (tv, start) = (&tv, &start);
                scope.spawn(move || {
                    start.wait();
                    for round in 1..=ROUNDS {
                        tv.set_value(path, json!(round.to_string())).unwrap();
                        assert_eq!(tv.get_value(path).unwrap(), json!(round.to_string()), "{path}");
                    }
                });
            }
            for path in ["playback", ""] {
                let (tv, start) = (&tv, &start);
                scope.spawn(move || {
                    start.wait();
                    for round in 1..=ROUNDS {
                        let patch = match path {
                            "" => json!({ "point": [round, 0] }),
                            _ => json!({ "url": round.to_string() }),
                        };
                        tv.patch_value(path, patch).unwrap();
                    }
                });
            }
            let (tv, start) = (&tv, &start);
            scope.spawn(move || {
                start.wait();
                for _ in 0..ROUNDS {
                    tv.update_at(Tv::PATHS.playback.position, |position| *position += 1);
                }
            });
        });

        let last = ROUNDS.to_string();
        for path in paths {
            assert_eq!(tv.get_value(path).unwrap(), json!(last), "{path}");
        }
        let playback = Playback { url: Some(last), position: 5 + ROUNDS };
        assert_eq!(tv.get(Tv::PATHS.playback), playback);
        assert_eq!(u64::try_from(tv.get(Tv::PATHS.point.0)).unwrap(), ROUNDS);
        assert_eq!(tv.version(), ROUNDS * 8 + 1);
    });
}

/// Each patch adds a member of its own to one map.
#[test]
fn i1_patches_of_one_place_are_all_merged() {
    within(LIMIT, || {
        let tv = create_model("tv", Tv::default());
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for thread in 0..4 {
                let (tv, start) = (&tv, &start);
                scope.spawn(move || {
                    start.wait();
                    for round in 0..100 {
                        let key = format!("{thread}-{round}");
                        tv.patch_value("labels", json!({ key: "x" })).unwrap();
                    }
                });
            }
        });
        assert_eq!(tv.snapshot().labels.len(), 400);
        assert_eq!(tv.version(), 400);
    });
}

/// A number whose serialisation tries to use the model that it is in.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(leaf)]
struct Curious(u8);

static READERS: AtomicUsize = AtomicUsize::new(0);
static MODEL: std::sync::OnceLock<Model<Nosy>> = std::sync::OnceLock::new();

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Nosy {
    curious: Curious,
    other: u8,
}

/// Writes to the model: under its lock that would panic.
fn look() {
    if let Some(model) = MODEL.get() {
        READERS.fetch_add(1, Ordering::Relaxed);
        assert!(model.get(Nosy::PATHS.other) < 100);
    }
}

impl Serialize for Curious {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        look();
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Curious {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        look();
        u8::deserialize(deserializer).map(Self)
    }
}

#[test]
fn i2_serialisation_runs_outside_of_the_lock() {
    let model = create_model("nosy", Nosy::default());
    MODEL.set(model.clone()).unwrap();
    let before = READERS.load(Ordering::Relaxed);
    assert_eq!(model.get_value("curious").unwrap(), json!(0));
    model.set_value("curious", json!(3)).unwrap();
    model.patch_value("", json!({ "curious": 4 })).unwrap();
    model.set_value("other", json!(5)).unwrap();
    assert_eq!(*model.snapshot(), Nosy { curious: Curious(4), other: 5 });
    assert!(READERS.load(Ordering::Relaxed) >= before + 5);
}

/// A value that is written again during each of its serialisations.
#[derive(Clone, Debug, Default, PartialEq)]
struct Slow(u8);

static RUSH: std::sync::OnceLock<Model<Race>> = std::sync::OnceLock::new();
static RUSHING: AtomicBool = AtomicBool::new(false);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Race {
    items: Vec<Item>,
    other: u32,
}

/// An element with a field that serde skips: a written list is compared with the present
/// one.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Item {
    #[model(leaf)]
    slow: Slow,
    #[serde(skip)]
    hidden: u8,
}

impl Serialize for Slow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Under the lock the write would panic; then the patch has given up racing.
        if let Some(race) = RUSH.get().filter(|_| RUSHING.load(Ordering::Relaxed)) {
            let overtaken = catch_unwind(AssertUnwindSafe(|| {
                race.update_at(Race::PATHS.other, |other| *other += 1);
            }));
            RUSHING.store(overtaken.is_ok(), Ordering::Relaxed);
        }
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Slow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(Self)
    }
}

#[test]
fn a_write_that_is_always_overtaken_goes_under_the_lock_in_the_end() {
    let item = |number, hidden| Item { slow: Slow(number), hidden };
    let race = create_model("race", Race { items: vec![item(1, 7), item(2, 8)], other: 0 });
    RUSH.set(race.clone()).unwrap();
    RUSHING.store(true, Ordering::Relaxed);
    race.set_value("items", json!([{ "slow": 2 }])).unwrap();
    let state = race.snapshot();
    assert_eq!(state.items, [item(2, 8)]);
    assert!(state.other >= 8, "it was overtaken in each attempt, and nothing was lost");
    assert!(!RUSHING.load(Ordering::Relaxed), "the last attempt was under the lock");
}

/// Runs at a serialisation.
type Hook = Box<dyn FnMut()>;

thread_local! {
    /// Runs at each serialisation of a `Watched` on this thread.
    static AT_WRITE: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

#[derive(Model, Clone, Debug, PartialEq, Deserialize)]
#[model(leaf)]
struct Watched(u8);

impl Serialize for Watched {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(mut run) = AT_WRITE.take() {
            run();
            AT_WRITE.set(Some(run));
        }
        self.0.serialize(serializer)
    }
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Slot {
    Number(Watched),
    Named {
        #[serde(default)]
        number: u8,
    },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Desk {
    slot: Slot,
    other: u32,
}

/// Merges `{}` into a number, which makes it an object, while the first `last` serialisations of
/// the number write to the model; the last of them makes it an object. Returns the version of the
/// merge, if it did not panic, and that of the model.
fn merged_while(last: u64) -> (Option<u64>, u64) {
    let desk = create_model("desk", Desk { slot: Slot::Number(Watched(1)), other: 0 });
    let (writer, mut count) = (desk.clone(), 0);
    AT_WRITE.set(Some(Box::new(move || {
        count += 1;
        match count.cmp(&last) {
            cmp::Ordering::Less => writer.update_at(Desk::PATHS.other, |other| *other += 1),
            cmp::Ordering::Equal => _ = writer.set(Desk::PATHS.slot, Slot::Named { number: 0 }),
            cmp::Ordering::Greater => {}
        }
    })));
    let merge = || desk.patch_value("slot", json!({})).unwrap();
    let merged = catch_unwind(AssertUnwindSafe(merge)).ok();
    AT_WRITE.set(None);
    (merged, desk.version())
}

#[test]
fn a_merge_that_finds_its_result_there_makes_no_version() {
    // Under the lock the write panics; then the merge has given up racing.
    let versions = (1..).map(merged_while).map_while(|(merged, version)| Some((merged?, version)));
    let versions: Vec<_> = versions.take(1_000).collect();
    for (last, found) in (1..).zip(&versions) {
        assert_eq!(*found, (last, last), "each of the {last} writes made one version");
    }
    assert!((8..1_000).contains(&versions.len()), "{} serialisations", versions.len());
}

#[test]
fn a_held_snapshot_does_not_change() {
    let tv = tv();
    let (before, copy): (Arc<Tv>, Tv) = (tv.snapshot(), Tv::clone(&tv.snapshot()));
    tv.set_value("playback.position", json!(99)).unwrap();
    tv.patch_value("", json!({ "casting": false })).unwrap();
    assert_eq!(*before, copy);
}

thread_local! {
    /// The number of comparisons of keys before one panics.
    static FUSE: Cell<Option<u32>> = const { Cell::new(None) };
}

/// A key whose order panics where the test says so.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
struct Fused(String);

impl Ord for Fused {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        let fuse = FUSE.get();
        FUSE.set(fuse.and_then(|left| left.checked_sub(1)));
        assert!(fuse != Some(0), "the order panics");
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Fused {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Lockers {
    map: std::collections::BTreeMap<Fused, u8>,
}

#[test]
fn i5_a_merge_in_which_a_key_panics_changes_nothing() {
    let map = ["a", "b", "c"].map(|key| (Fused(key.into()), 1)).into();
    let lockers = create_model("lockers", Lockers { map });
    // The first write parts the state from the initial one, so that the others are in place.
    lockers.set_value("map.c", json!(2)).unwrap();
    let before = Lockers::clone(&lockers.snapshot());
    let merged = |fuse| {
        FUSE.set(Some(fuse));
        let patch = json!({ "a": null, "b": 3, "d": 4 });
        let merge = || lockers.patch_value("map", patch).unwrap();
        let merged = catch_unwind(AssertUnwindSafe(merge));
        FUSE.set(None);
        merged.is_ok()
    };
    let mut panics = 0;
    while !merged(panics) {
        assert_eq!((&*lockers.snapshot(), lockers.version()), (&before, 1), "fuse {panics}");
        panics += 1;
    }
    assert!((6..1_000).contains(&panics), "{panics} comparisons of keys");
    assert_eq!(lockers.get_value("map").unwrap(), json!({ "b": 3, "c": 2, "d": 4 }));
}

thread_local! {
    /// Runs at the next deserialisation of a `Late` on this thread.
    static AT_READ: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

#[derive(Model, Clone, Debug, PartialEq, Serialize)]
#[model(leaf)]
struct Late(u8);

impl<'de> Deserialize<'de> for Late {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if let Some(mut run) = AT_READ.take() {
            run();
        }
        u8::deserialize(deserializer).map(Self)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Drawer {
    papers: std::collections::BTreeMap<String, Late>,
}

#[test]
fn d4_an_entry_that_another_writer_adds_first_is_replaced() {
    let drawer = create_model("drawer", Drawer::default());
    let history = drawer.history(10);
    let other = drawer.clone();
    AT_READ.set(Some(Box::new(move || _ = other.insert(Drawer::PATHS.papers, "a", Late(1)))));

    drawer.set_value("papers.a", json!(2)).unwrap();

    assert_eq!((drawer.version(), drawer.get_value("papers").unwrap()), (2, json!({ "a": 2 })));
    history.undo().unwrap();
    assert_eq!(drawer.get_value("papers").unwrap(), json!({ "a": 1 }));
    history.undo().unwrap();
    assert_eq!(drawer.get_value("papers").unwrap(), json!({}));
}
