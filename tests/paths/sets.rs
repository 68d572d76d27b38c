//! Sets as collections: members come and go one by one, each at a place of its own.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex};

use indexmap::IndexSet;
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Song {
    tags: HashSet<String>,
    years: BTreeSet<u32>,
    ordered: IndexSet<String>,
    shared: imbl::HashSet<String>,
    sorted: imbl::OrdSet<u32>,
    by_user: BTreeMap<String, BTreeSet<u8>>,
    maybe: Option<BTreeSet<u8>>,
}

fn song() -> Model<Song> {
    create_model("song", Song::default())
}

#[test]
fn a_member_is_added_once_and_removed_once() {
    let song = song();
    assert!(song.add(Song::PATHS.tags, "rock"));
    let version = song.version();
    assert!(!song.add(Song::PATHS.tags, "rock"));
    assert_eq!(song.version(), version, "nothing was written");
    assert_eq!(song.remove(Song::PATHS.tags, "rock"), Some(()));
    assert_eq!(song.remove(Song::PATHS.tags, "rock"), None);
    assert!(song.snapshot().tags.is_empty());
}

#[test]
fn every_set_adds_retains_and_keeps_its_order() {
    let song = song();
    for tag in ["b", "a", "c"] {
        assert!(song.add(Song::PATHS.ordered, tag) && song.add(Song::PATHS.shared, tag));
    }
    for year in [3, 1, 2] {
        assert!(song.add(Song::PATHS.years, year) && song.add(Song::PATHS.sorted, year));
    }
    song.retain(Song::PATHS.ordered, |tag| tag != "a");
    song.retain(Song::PATHS.shared, |tag| tag != "a");
    song.retain(Song::PATHS.years, |year| *year != 1);
    song.retain(Song::PATHS.sorted, |year| *year != 1);
    assert_eq!(song.select(Song::PATHS.ordered.keys()), ["b", "c"]);
    assert_eq!(song.select(Song::PATHS.years.keys()), [2, 3]);
    assert_eq!(song.select(Song::PATHS.sorted.keys()), [2, 3]);
    assert_eq!(song.select(Song::PATHS.shared.len()), 2);
}

#[test]
fn a_set_in_a_map_and_one_behind_an_option_may_be_absent() {
    let song = song();
    let of_ann = Song::PATHS.by_user.key("ann");
    assert!(song.add(of_ann, 7).is_err());
    assert!(!song.select(of_ann.contains(7)));
    song.insert(Song::PATHS.by_user, "ann", BTreeSet::new());
    assert_eq!(song.add(of_ann, 7), Ok(true));
    assert!(song.select(of_ann.contains(7)));
    assert!(song.add(Song::PATHS.maybe.some(), 1).is_err());
    song.set(Song::PATHS.maybe, Some(BTreeSet::new()));
    assert_eq!(song.add(Song::PATHS.maybe.some(), 1), Ok(true));
}

#[test]
fn a_place_of_a_member_is_there_or_is_not() {
    let song = song();
    let rock = Song::PATHS.tags.key("rock");
    assert_eq!(song.get(rock), None);
    assert_eq!(song.set(rock, ()).unwrap_err().path(), "tags.rock");
    song.add(Song::PATHS.tags, "rock");
    assert_eq!(song.get(rock), Some(()));
    assert_eq!(song.set(rock, ()), Ok(()));
    assert_eq!(rock.to_string(), "tags.rock");
}

#[test]
fn a_subscriber_learns_of_its_member_alone() {
    let song = song();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let rock = {
        let seen = Arc::clone(&seen);
        song.subscribe(Song::PATHS.tags.contains("rock"), move |is: &bool, _| {
            seen.lock().unwrap().push(*is);
        })
    };
    let place = {
        let seen = Arc::clone(&seen);
        song.subscribe(Song::PATHS.years.key(1999), move |year: Option<&()>, _| {
            seen.lock().unwrap().push(year.is_some());
        })
    };
    song.add(Song::PATHS.tags, "live");
    song.add(Song::PATHS.years, 2000);
    assert!(seen.lock().unwrap().is_empty());
    song.add(Song::PATHS.tags, "rock");
    song.remove(Song::PATHS.tags, "live");
    song.retain(Song::PATHS.tags, |tag| tag != "rock");
    song.add(Song::PATHS.years, 1999);
    song.set(Song::PATHS.years, BTreeSet::new());
    assert_eq!(*seen.lock().unwrap(), [true, false, true, false]);
    drop((rock, place));
}

#[test]
fn a_transaction_reads_what_it_added_and_takes_it_back() {
    let song = song();
    song.add(Song::PATHS.ordered, "kept");
    let refused: Result<(), &str> = song.transaction(|tx| {
        assert!(tx.add(Song::PATHS.ordered, "new"));
        assert!(!tx.add(Song::PATHS.ordered, "new"));
        assert_eq!(tx.get(Song::PATHS.ordered.key("new")), Some(()));
        assert_eq!(tx.remove(Song::PATHS.ordered, "kept"), Some(()));
        Err("refused")
    });
    assert_eq!(refused, Err("refused"));
    assert_eq!(song.select(Song::PATHS.ordered.keys()), ["kept"]);
}

#[test]
fn each_member_is_selected_with_itself() {
    let song = song();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let _each = {
        let seen = Arc::clone(&seen);
        song.subscribe(Song::PATHS.years.each(), move |(year, is): (&u32, Option<&()>), _| {
            seen.lock().unwrap().push((*year, is.is_some()));
        })
    };
    song.add(Song::PATHS.years, 1999);
    song.add(Song::PATHS.years, 1999);
    song.remove(Song::PATHS.years, 1999);
    assert_eq!(*seen.lock().unwrap(), [(1999, true), (1999, false)]);
}
