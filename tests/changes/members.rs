//! D1 to D4, D10: writes of a set's members, each an op of its own, and of what a leaf holds,
//! which set the leaf.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures_util::{FutureExt, StreamExt};
use indexmap::IndexSet;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;

use crate::interpreter;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Foreign(u8);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Song {
    tags: HashSet<String>,
    years: BTreeSet<u32>,
    ordered: IndexSet<String>,
    shared: imbl::OrdSet<u8>,
    by_user: BTreeMap<String, BTreeSet<u8>>,
    #[model(leaf)]
    peers: Vec<Foreign>,
    #[model(leaf)]
    best: Option<Foreign>,
    #[model(leaf)]
    named: BTreeMap<String, Foreign>,
}

/// Discards the result of a write, which does not matter here.
fn done<T>(_: T) {}

fn writes() -> Vec<fn(&Model<Song>)> {
    vec![
        |song| done(song.add(Song::PATHS.tags, "rock")),
        |song| done(song.add(Song::PATHS.tags, "live")),
        |song| done(song.remove(Song::PATHS.tags, "rock")),
        |song| [3, 1, 2].into_iter().for_each(|year| done(song.add(Song::PATHS.years, year))),
        |song| song.retain(Song::PATHS.years, |year| *year == 2),
        |song| done(song.add(Song::PATHS.ordered, "b")),
        |song| done(song.add(Song::PATHS.ordered, "a")),
        |song| done(song.remove(Song::PATHS.ordered, "b")),
        |song| done(song.add(Song::PATHS.shared, 7)),
        |song| done(song.insert(Song::PATHS.by_user, "ann", BTreeSet::new())),
        |song| done(song.add(Song::PATHS.by_user.key("ann"), 4)),
        |song| done(song.set(Song::PATHS.by_user.key("ann").key(4), ())),
        |song| song.push(Song::PATHS.peers, Foreign(1)),
        |song| song.extend(Song::PATHS.peers, [Foreign(3), Foreign(2)]),
        |song| song.sort_by_key(Song::PATHS.peers, |peer| peer.0),
        |song| done(song.set(Song::PATHS.peers.at(1), Foreign(9))),
        |song| done(song.remove(Song::PATHS.peers, 0)),
        |song| done(song.set(Song::PATHS.best, Some(Foreign(1)))),
        |song| done(song.set(Song::PATHS.best.some(), Foreign(2))),
        |song| done(song.insert(Song::PATHS.named, "ann", Foreign(2))),
        |song| done(song.set(Song::PATHS.named.key("ann"), Foreign(3))),
        |song| song.retain(Song::PATHS.named, |_| false),
        |song| {
            song.transaction(|tx| {
                tx.add(Song::PATHS.years, 1999);
                tx.push(Song::PATHS.peers, Foreign(5));
                Ok::<(), ()>(())
            })
            .unwrap();
        },
    ]
}

/// A `HashSet` has no order in the JSON.
fn sorted(mut song: Value) -> Value {
    song["tags"].as_array_mut().unwrap().sort_by_key(Value::to_string);
    song
}

#[test]
fn d1_d3_each_write_is_exact_and_is_applied() {
    let (song, replica) = (create_model("a", Song::default()), create_model("b", Song::default()));
    let mut changes = song.changes();
    let mut json = to_value(Song::default()).unwrap();
    for (number, write) in writes().into_iter().enumerate() {
        write(&song);
        while let Some(Some(commit)) = changes.next().now_or_never() {
            let set = commit.unwrap().changeset();
            json = interpreter::apply(json, &to_value(&set).unwrap()).unwrap();
            replica.apply(&set).unwrap();
        }
        assert_eq!(sorted(json.clone()), sorted(to_value(&*song.snapshot()).unwrap()), "{number}");
        assert_eq!(*replica.snapshot(), *song.snapshot(), "write {number}");
    }
}

#[test]
fn d4_undo_and_redo_lead_back_and_forth() {
    let song = create_model("song", Song::default());
    let history = song.history(100);
    writes().into_iter().for_each(|write| write(&song));
    let last = song.snapshot();
    while history.undo().is_ok() {}
    assert_eq!(*song.snapshot(), Song::default());
    while history.redo().is_ok() {}
    assert_eq!(*song.snapshot(), *last);
}

fn ops(song: &Model<Song>, write: fn(&Model<Song>)) -> Value {
    let mut changes = song.changes();
    write(song);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    to_value(commit.changeset()).unwrap()["ops"].take()
}

#[test]
fn d2_a_member_is_one_op() {
    let song = create_model("song", Song::default());
    song.insert(Song::PATHS.by_user, "ann", BTreeSet::from([1, 5]));
    let added = ops(&song, |song| done(song.add(Song::PATHS.years, 1999)));
    assert_eq!(added, json!([["+", ["years", [1999]]]]));
    let before = ops(&song, |song| done(song.add(Song::PATHS.by_user.key("ann"), 4)));
    assert_eq!(before, json!([["+", ["by_user", "ann", [4]], [5]]]));
    let removed = ops(&song, |song| done(song.remove(Song::PATHS.by_user.key("ann"), 4)));
    assert_eq!(removed, json!([["-", ["by_user", "ann", [4]]]]));
    let again = ops(&song, |song| done(song.set(Song::PATHS.years.key(1999), ())));
    assert_eq!(again, json!([]), "D2: an equal write has no ops");
}

/// A set of so many numbers.
fn hundred_thousand() -> Model<Song> {
    create_model("song", Song { years: (0..100_000).collect(), ..Song::default() })
}

#[test]
fn d2_a_member_of_a_large_set_is_sent_alone() {
    let song = hundred_thousand();
    let by_path = ops(&song, |song| done(song.add(Song::PATHS.years, 100_000)));
    assert_eq!(by_path, json!([["+", ["years", [100_000]]]]));
    let compared = ops(&song, |song| {
        song.update_at(Song::PATHS.years, |years| {
            years.remove(&7);
            years.insert(200_000);
        });
    });
    assert_eq!(compared, json!([["-", ["years", [7]]], ["+", ["years", [200_000]]]]));
}

#[test]
fn d2_a_write_of_most_members_sets_the_set() {
    let song = hundred_thousand();
    let kept = ops(&song, |song| song.retain(Song::PATHS.years, |year| *year < 2));
    assert_eq!(kept, json!([["=", ["years"], [0, 1]]]));
    let cleared = ops(&song, |song| song.retain(Song::PATHS.years, |_| false));
    assert_eq!(cleared, json!([["=", ["years"], []]]));
    let others = ops(&song, |song| song.update(|song| song.years = [8, 9].into()));
    assert_eq!(others, json!([["+", ["years", [9]]], ["+", ["years", [8]], [9]]]));
    let strangers = ops(&song, |song| song.update(|song| song.years = [1, 2].into()));
    assert_eq!(strangers, json!([["=", ["years"], [1, 2]]]));
}

#[test]
fn d1_another_order_of_the_same_members_is_a_change() {
    let song = create_model("song", Song::default());
    song.set(Song::PATHS.ordered, ["a".to_owned(), "b".into(), "c".into()].into());
    let turned = ops(&song, |song| song.update(|song| song.ordered.reverse()));
    assert_eq!(turned, json!([["=", ["ordered"], ["c", "b", "a"]]]));
}

#[test]
fn d4_a_member_is_undone_at_its_position() {
    let song = create_model("song", Song::default());
    song.set(Song::PATHS.ordered, ["a".to_owned(), "b".into(), "c".into()].into());
    let history = song.history(10);
    let mut changes = song.changes();
    song.remove(Song::PATHS.ordered, "b");
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    let inverse = commit.inverse();
    song.apply(&inverse).unwrap();
    assert_eq!(song.select(Song::PATHS.ordered.keys()), ["a", "b", "c"]);
    assert!(song.apply(&inverse).is_err(), "D4: the member is there again");
    song.remove(Song::PATHS.ordered, "a");
    history.undo().unwrap();
    assert_eq!(song.select(Song::PATHS.ordered.keys()), ["a", "b", "c"]);
}

#[test]
fn d3_a_member_is_applied_by_its_json() {
    let song = create_model("song", Song::default());
    let apply = |op: Value| {
        let set = json!({ "from": 0, "to": 1, "ops": [op] });
        song.apply(&serde_json::from_value(set).unwrap()).map_err(|error| error.to_string())
    };
    apply(json!(["+", ["years", [1999]]])).unwrap();
    apply(json!(["+", ["years", [1999]]])).unwrap();
    apply(json!(["+", ["years", [2001]], [7]])).unwrap();
    assert_eq!(song.get(Song::PATHS.years), [1999, 2001].into());
    apply(json!(["-", ["years", [1999]]])).unwrap();
    apply(json!(["-", ["years", [1999]]])).unwrap();
    assert_eq!(song.get(Song::PATHS.years), [2001].into());
    let version = song.version();
    for (op, reason) in [
        (json!(["+", ["years", ["soon"]]]), "cannot have such a member"),
        (json!(["+", ["years", "2002"], null]), "not of that kind"),
        (json!(["=", ["years", [2001]], null]), "not of that kind"),
        (json!(["=", ["years", 0], 7]), "not of that kind"),
        (json!(["+", ["named", [2001]]]), "not of that kind"),
        (json!(["-", ["years"], [[2001]]]), "not of that kind"),
    ] {
        let error = apply(op.clone()).unwrap_err();
        assert!(error.contains(reason), "{op}: {error}");
    }
    assert_eq!(song.version(), version);
}

#[test]
fn an_op_of_a_member_has_one_member_and_one_next() {
    for (op, is_op) in [
        (json!(["+", ["years", [1]]]), true),
        (json!(["+", ["years", [1]], [2]]), true),
        (json!(["+", ["years", []]]), false),
        (json!(["+", ["years", [1, 2]]]), false),
        (json!(["+", ["years", [1]], 2]), false),
        (json!(["+", ["years", [1]], [2], [3]]), false),
        (json!(["-", ["years", [1]], [2]]), false),
        (json!(["+", ["years", 1]]), false),
    ] {
        let read = serde_json::from_value::<sprag::state::Op>(op.clone());
        assert_eq!(read.is_ok(), is_op, "{op}");
        if let Ok(read) = read {
            assert_eq!(to_value(read).unwrap(), op);
        }
    }
}

#[test]
fn d10_a_stream_at_a_member_has_that_member_alone() {
    let song = create_model("song", Song::default());
    let mut changes = song.changes().at(Song::PATHS.tags.key("rock"));
    let mut next = || {
        changes
            .next()
            .now_or_never()
            .map(|commit| to_value(commit.unwrap().unwrap().changeset()).unwrap()["ops"].take())
    };
    song.add(Song::PATHS.tags, "live");
    assert_eq!(next(), None);
    song.add(Song::PATHS.tags, "rock");
    assert_eq!(next(), Some(json!([["+", ["tags", ["rock"]]]])));
    song.set(Song::PATHS.tags, HashSet::new());
    assert_eq!(next(), Some(json!([["-", ["tags", ["rock"]]]])));
    song.set(Song::PATHS.tags, ["rock".to_owned(), "pop".into()].into());
    assert_eq!(next(), Some(json!([["+", ["tags", ["rock"]]]])));
}

#[test]
fn a_changed_place_is_the_member() {
    let song = create_model("song", Song::default());
    let mut changes = song.changes();
    song.add(Song::PATHS.years, 1999);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    let change = commit.changes().next().unwrap();
    assert_eq!((change.path(), change.json()), ("years.1999".to_owned(), Some(json!(1999))));
}

thread_local! {
    static CLONES: Cell<usize> = const { Cell::new(0) };
}

/// A member that counts its clones.
#[derive(Model, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Counted(u32);

impl Clone for Counted {
    fn clone(&self) -> Self {
        CLONES.set(CLONES.get() + 1);
        Self(self.0)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counts {
    sorted: BTreeSet<Counted>,
    hashed: HashSet<Counted>,
}

#[test]
fn d2_d7_a_write_of_a_member_clones_that_member_alone() {
    let all = || (0..100_000).map(Counted);
    let counts =
        create_model("counts", Counts { sorted: all().collect(), hashed: all().collect() });
    // The first write clones the state, since the model keeps the initial one.
    counts.add(Counts::PATHS.sorted, Counted(200_000));
    let mut changes = counts.changes();
    let before = CLONES.get();
    counts.add(Counts::PATHS.sorted, Counted(100_000));
    counts.remove(Counts::PATHS.sorted, Counted(7));
    counts.add(Counts::PATHS.hashed, Counted(100_000));
    counts.remove(Counts::PATHS.hashed, Counted(7));
    for _ in 0..4 {
        let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
        assert!(serde_json::to_string(&commit).unwrap().len() < 100);
    }
    let clones = CLONES.get() - before;
    assert!(clones < 40, "{clones}");
}
