//! L6: the type of a log's state changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::path::State;
use sprag::prelude::*;
use sprag_log::{Logged, OpenError, Opening, WriteError, open};
use tokio::time::{sleep, timeout};

use crate::simulated::{Client, Cut, Faults, World};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct OldTrack {
    title: String,
}

/// The type of the first release.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct OldTv {
    pos: u64,
    legacy: Vec<u32>,
    tracks: Vec<OldTrack>,
    users: BTreeMap<String, OldTrack>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct NewTrack {
    #[serde(alias = "title")]
    name: String,
    #[serde(default)]
    seconds: u64,
}

/// The type of the next release: a field is renamed, one removed, one added, one has a
/// default.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct NewTv {
    #[serde(alias = "pos")]
    position: u64,
    tracks: Vec<NewTrack>,
    users: BTreeMap<String, NewTrack>,
    #[serde(default = "loud")]
    volume: u64,
}

fn loud() -> u64 {
    11
}

fn world() -> World {
    World::new(7, Faults::default())
}

fn opening<T>(world: &World, initial: T) -> Opening<Client, T>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
{
    open(Arc::new(world.client()), "tv", initial).deadline(Duration::from_secs(1))
}

/// The writes of the first release.
async fn old_writes(tv: &Logged<OldTv>) {
    tv.set(OldTv::PATHS.pos, 7).await.unwrap();
    tv.push(OldTv::PATHS.legacy, 1).await.unwrap();
    tv.push(OldTv::PATHS.tracks, OldTrack { title: "Alien".into() }).await.unwrap();
    tv.set(OldTv::PATHS.tracks.at(0).then(OldTrack::PATHS.title), "Aliens".into()).await.unwrap();
    tv.insert(OldTv::PATHS.users, "ada".to_owned(), OldTrack::default()).await.unwrap();
    tv.set(OldTv::PATHS.users.key("ada".to_owned()).then(OldTrack::PATHS.title), "Brazil".into())
        .await
        .unwrap();
}

fn new_tv() -> NewTv {
    let track = |name: &str| NewTrack { name: name.into(), seconds: 0 };
    NewTv {
        position: 7,
        tracks: vec![track("Aliens")],
        users: BTreeMap::from([("ada".to_owned(), track("Brazil"))]),
        volume: 11,
    }
}

/// Writes of the old type with a snapshot after `entries` of them.
async fn written(world: &World, entries: u64) {
    let old = opening(world, OldTv::default()).snapshots(entries, u64::MAX).await.unwrap();
    old_writes(&old).await;
    old.stop().await;
}

#[tokio::test(start_paused = true)]
async fn l6_fields_that_are_added_renamed_removed_or_have_a_default_are_read_from_entries() {
    // From entries alone, from a snapshot alone, and from both.
    for entries in [u64::MAX, 1, 4] {
        let world = world();
        written(&world, entries).await;
        let new = opening(&world, NewTv::default()).await.unwrap();
        assert_eq!(*new.snapshot(), new_tv(), "a snapshot after {entries}");
        new.set(NewTv::PATHS.position, 8).await.unwrap();
        new.set(NewTv::PATHS.tracks.at(0).then(NewTrack::PATHS.seconds), 9).await.unwrap();
        let state = new.versioned();
        new.stop().await;
        assert_eq!(opening(&world, NewTv::default()).await.unwrap().versioned(), state);
    }
}

#[tokio::test(start_paused = true)]
async fn l6_an_older_process_that_still_writes_is_read_by_names_and_aliases() {
    let world = world();
    let old = opening(&world, OldTv::default()).await.unwrap();
    let new = opening(&world, NewTv::default()).await.unwrap();
    old_writes(&old).await;
    new.sync().await.unwrap();
    assert_eq!(*new.snapshot(), NewTv { volume: 11, ..new_tv() });
    // The old type has everything that the empty entry of the new type names.
    old.set(OldTv::PATHS.pos, 8).await.unwrap();
    new.sync().await.unwrap();
    assert_eq!(new.get(NewTv::PATHS.position), 8);
    let state = new.versioned();
    assert_eq!(opening(&world, NewTv::default()).await.unwrap().versioned(), state);
}

/// Waits until the model is not current, and returns why.
async fn ended<T>(tv: &Logged<T>) -> String {
    let ended = async {
        while tv.is_current() {
            sleep(Duration::from_millis(1)).await;
        }
        tv.problem().unwrap()
    };
    timeout(Duration::from_secs(10), ended).await.expect("it meets the entry")
}

#[tokio::test(start_paused = true)]
async fn l6_a_process_with_an_older_type_stops_at_what_it_cannot_hold_and_writes_nothing() {
    let world = world();
    let old = opening(&world, OldTv::default()).snapshots(1, 0).await.unwrap();
    old_writes(&old).await;
    let new = opening(&world, NewTv::default()).snapshots(u64::MAX, u64::MAX).await.unwrap();
    new.set(NewTv::PATHS.volume, 3).await.unwrap();

    let trouble = ended(&old).await;

    assert!(trouble.contains(&format!("at sequence {}", new.version())), "{trouble}");
    assert!(trouble.contains("newer type wrote `volume`"), "{trouble}");
    let entries = world.len();
    let refused = old.set(OldTv::PATHS.pos, 1).await;
    assert!(matches!(refused, Err(WriteError::NotCurrent { .. })), "{refused:?}");
    sleep(Duration::from_secs(5)).await;
    assert_eq!((world.len(), old.get(OldTv::PATHS.pos)), (entries, 7), "it reads, and is old");
    assert_eq!(opening(&world, NewTv::default()).await.unwrap().versioned(), new.versioned());
}

#[tokio::test(start_paused = true)]
async fn l6_a_member_that_an_older_type_would_drop_from_a_value_is_found_too() {
    let world = world();
    let old = opening(&world, OldTv::default()).await.unwrap();
    old_writes(&old).await;
    let new = opening(&world, NewTv::default()).await.unwrap();
    let track = NewTrack { name: String::new(), seconds: 5 };
    new.push(NewTv::PATHS.tracks, track).await.unwrap();
    let trouble = ended(&old).await;
    assert!(trouble.contains("`tracks.1."), "{trouble}");
}

#[tokio::test(start_paused = true)]
async fn l6_an_older_type_does_not_open_what_it_cannot_hold() {
    // Found in the entries, and in the snapshot.
    for entries in [u64::MAX, 1] {
        let world = world();
        written(&world, u64::MAX).await;
        let new = opening(&world, NewTv::default()).snapshots(entries, 0).await.unwrap();
        new.set(NewTv::PATHS.volume, 3).await.unwrap();
        new.stop().await;
        let before = world.len();
        let error = opening(&world, OldTv::default()).await.unwrap_err();
        assert!(matches!(&error, OpenError::Misfit { .. }), "{error}");
        assert!(error.to_string().contains("newer type wrote"), "{error}");
        assert_eq!(world.len(), before);
    }
}

/// A type that serde's attributes cannot read the old one as: the position has moved.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Moved {
    playback: Playback,
    titles: Vec<String>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Playback {
    millis: u64,
}

fn moved(old: Value) -> Result<Value, String> {
    let position = old["pos"].as_u64().ok_or("no position")?;
    let titles: Vec<_> = old["tracks"].as_array().into_iter().flatten().collect();
    let titles: Vec<_> = titles.into_iter().map(|track| track["title"].clone()).collect();
    Ok(json!({ "playback": { "millis": position * 1_000 }, "titles": titles }))
}

#[tokio::test(start_paused = true)]
async fn l6_a_migration_makes_the_new_state_of_the_old_one_once() {
    for entries in [u64::MAX, 1, 4] {
        let world = world();
        written(&world, entries).await;
        let new = opening(&world, Moved::default()).migrate(moved).await.unwrap();
        let expected =
            Moved { playback: Playback { millis: 7_000 }, titles: vec!["Aliens".into()] };
        assert_eq!(*new.snapshot(), expected, "a snapshot after {entries}");
        new.set(Moved::PATHS.playback.millis, 8_000).await.unwrap();
        let state = new.versioned();
        new.stop().await;
        let again = opening(&world, Moved::default()).migrate(moved).await.unwrap();
        assert_eq!(again.versioned(), state);
    }
}

#[tokio::test(start_paused = true)]
async fn l6_a_migration_that_fails_names_the_log_and_changes_nothing() {
    let world = world();
    written(&world, u64::MAX).await;
    let before = world.len();
    let refuse = |_: Value| Err::<Value, _>("no such release");
    let error = opening(&world, Moved::default()).migrate(refuse).await.unwrap_err();
    assert!(matches!(&error, OpenError::Misfit { .. }), "{error}");
    assert!(error.to_string().contains("the migration failed: no such release"), "{error}");
    let error = opening(&world, Moved::default()).await.unwrap_err();
    assert!(error.to_string().contains("missing field"), "{error}");
    assert_eq!(world.len(), before);
}

#[tokio::test(start_paused = true)]
async fn l6_a_process_that_was_away_migrates_the_snapshot_of_an_older_one() {
    let world = world();
    let away = world.client();
    let old = opening(&world, OldTv::default()).snapshots(1, 0).await.unwrap();
    old_writes(&old).await;
    let new = open(Arc::new(away.clone()), "tv", Moved::default()).migrate(moved);
    let new = new.snapshots(u64::MAX, u64::MAX).await.unwrap();
    assert_eq!(new.get(Moved::PATHS.playback.millis), 7_000);
    away.cut(Cut::Off);
    ended(&new).await;
    for position in [8, 9, 10] {
        old.set(OldTv::PATHS.pos, position).await.unwrap();
        // The snapshot covers the entries that the other process has not read.
        sleep(Duration::from_secs(1)).await;
    }
    away.cut(Cut::Mended);
    new.sync().await.unwrap();
    assert_eq!(new.get(Moved::PATHS.playback.millis), 10_000);
}

/// A log that began with the position 5, of the older type. The last writes are in a snapshot after
/// so many entries.
async fn begun(world: &World, entries: u64) {
    let tracks = vec![OldTrack { title: "Alien".into() }];
    let first = OldTv { pos: 5, tracks, ..OldTv::default() };
    let old = opening(world, first).snapshots(entries, u64::MAX).await.unwrap();
    old.set(OldTv::PATHS.pos, 8).await.unwrap();
    old.set(OldTv::PATHS.tracks, vec![]).await.unwrap();
    old.stop().await;
}

#[tokio::test(start_paused = true)]
async fn l3a_l6_the_first_state_is_read_by_names_aliases_and_defaults() {
    let track = NewTrack { name: "Alien".into(), seconds: 0 };
    let first = NewTv { position: 5, tracks: vec![track], volume: 11, ..NewTv::default() };
    // From the entry, and from a snapshot of the older type.
    for entries in [u64::MAX, 1] {
        let world = world();
        begun(&world, entries).await;
        // The second process reads a snapshot of the newer type.
        for _ in 0..2 {
            let new = opening(&world, NewTv::default()).snapshots(1, u64::MAX).await.unwrap();
            new.reset().await.unwrap();
            assert_eq!(*new.snapshot(), first, "a snapshot after {entries}");
            new.set(NewTv::PATHS.volume, 3).await.unwrap();
            new.stop().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn l3a_l6_a_migration_makes_the_first_state_of_the_old_one_once() {
    let first = Moved { playback: Playback { millis: 5_000 }, titles: vec!["Alien".into()] };
    for entries in [u64::MAX, 1] {
        let world = world();
        begun(&world, entries).await;
        let new = opening(&world, Moved::default()).migrate(moved).snapshots(1, u64::MAX);
        let new = new.await.unwrap();
        assert_eq!(new.get(Moved::PATHS.playback.millis), 8_000);
        new.reset().await.unwrap();
        assert_eq!(*new.snapshot(), first, "a snapshot after {entries}");
        new.set(Moved::PATHS.playback.millis, 9_000).await.unwrap();
        new.stop().await;
        // The snapshot has it in the form of the newer type.
        let again = opening(&world, Moved::default()).await.unwrap();
        again.reset().await.unwrap();
        assert_eq!(*again.snapshot(), first, "a snapshot after {entries}");
    }
}

#[tokio::test(start_paused = true)]
async fn l3a_l6_a_first_state_that_cannot_be_migrated_does_not_open() {
    let world = world();
    begun(&world, 1).await;
    let before = world.len();
    let refuse = |old: Value| {
        if old["pos"] == 5 { Err("no such position") } else { moved(old).map_err(|_| "another") }
    };
    let error = opening(&world, Moved::default()).migrate(refuse).await.unwrap_err();
    assert!(matches!(&error, OpenError::Misfit { .. }), "{error}");
    let expected = "the state with which the log began: the migration failed: no such position";
    assert!(error.to_string().contains(expected), "{error}");
    assert_eq!(world.len(), before);
}
