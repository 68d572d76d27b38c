//! D1, D3, D4: writes of a set's members and of what a leaf holds. A member has no place of
//! its own in JSON, so that each op sets the value around it.

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
        assert_eq!(json, to_value(&*song.snapshot()).unwrap(), "write {number}");
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
fn a_member_is_one_op_that_sets_its_set() {
    let song = create_model("song", Song::default());
    song.insert(Song::PATHS.by_user, "ann", BTreeSet::from([1]));
    let added = ops(&song, |song| done(song.add(Song::PATHS.years, 1999)));
    assert_eq!(added, json!([["=", ["years"], [1999]]]));
    let nested = ops(&song, |song| done(song.add(Song::PATHS.by_user.key("ann"), 4)));
    assert_eq!(nested, json!([["=", ["by_user", "ann"], [1, 4]]]));
    let many = ops(&song, |song| song.retain(Song::PATHS.by_user.key("ann"), |_| false).unwrap());
    assert_eq!(many, json!([["=", ["by_user", "ann"], []]]));
}

#[test]
fn a_member_has_no_place_as_text() {
    let song = create_model("song", Song::default());
    song.add(Song::PATHS.tags, "rock");
    let tags = song.get_value("tags").unwrap();
    assert_eq!(tags, json!(["rock"]));
    for text in ["tags.rock", "tags.0", "/tags/0"] {
        let error = song.get_value(text).unwrap_err();
        assert!(error.to_string().contains("tags"), "{error}");
        song.set_value(text, json!("jazz")).unwrap_err();
    }
    song.set_value("tags", json!(["jazz", "jazz"])).unwrap();
    assert_eq!(song.get_value("tags").unwrap(), json!(["jazz"]));
}
