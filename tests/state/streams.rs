//! `watch` and `changes`, the streams for async readers.

use futures_util::{FutureExt, StreamExt};
use sprag::error::Lagged;
#[cfg(feature = "serde")]
use sprag::prelude::*;

use crate::domain::*;

#[tokio::test]
async fn watch_gives_the_present_value_then_the_latest_one() {
    let tv = tv();
    let mut positions = tv.watch(Tv::PATHS.playback.position);
    assert_eq!(positions.next().await, Some(0));

    for position in 1..=1_000 {
        tv.set(Tv::PATHS.playback.position, position);
    }
    tv.set(Tv::PATHS.casting, true);

    assert_eq!(positions.next().await, Some(1_000), "what a slow reader misses is skipped");
    assert_eq!(positions.next().now_or_never(), None);
    drop(tv);
    assert_eq!(positions.next().await, None, "it ends with the model");
}

#[tokio::test]
async fn watch_wakes_a_waiting_reader() {
    let tv = tv();
    let mut title = tv.watch(Tv::PATHS.current.some().title);
    assert_eq!(title.next().await, Some(None));

    let reader = tokio::spawn(async move { title.next().await });
    tokio::task::yield_now().await;
    tv.set(Tv::PATHS.current, Some(track("Alien")));

    assert_eq!(reader.await.unwrap(), Some(Some("Alien".to_owned())));
}

#[tokio::test]
async fn changes_lists_every_commit_with_its_places() {
    let tv = tv();
    let mut changes = tv.changes();

    tv.set(Tv::PATHS.playback.position, 5);
    tv.transaction(|tx| {
        tx.set(Tv::PATHS.casting, true);
        tx.insert(Tv::PATHS.users, 7, user("Ada", "Ulm"));
        Ok::<_, ()>(())
    })
    .unwrap();
    tv.remove(Tv::PATHS.users, 7u32);
    tv.update(|tv| tv.casting = false);

    let commit = changes.next().await.unwrap().unwrap();
    let change = commit.changes().next().unwrap();
    assert_eq!((commit.version(), change.path()), (1, "playback.position".to_owned()));
    assert_eq!(change.value::<u64>(), Some(&5));
    assert_eq!(change.value::<u32>(), None, "of another type");

    let commit = changes.next().await.unwrap().unwrap();
    let paths: Vec<_> = commit.changes().map(|change| change.path()).collect();
    assert_eq!(paths, ["casting", "users.7"]);
    let added = commit.changes().nth(1).unwrap();
    assert_eq!(added.value::<User>().map(|user| user.name.as_str()), Some("Ada"));

    let commit = changes.next().await.unwrap().unwrap();
    let removed = commit.changes().next().unwrap();
    assert_eq!((removed.path(), removed.value::<User>()), ("users.7".to_owned(), None));

    let commit = changes.next().await.unwrap().unwrap();
    let differs = commit.changes().next().unwrap();
    assert_eq!((commit.version(), differs.path()), (4, "casting".to_owned()));
    assert_eq!(differs.value::<bool>(), Some(&false));
}

#[tokio::test]
async fn a_slow_reader_of_changes_learns_how_many_it_lost() {
    let tv = tv();
    let mut changes = tv.changes();

    for position in 1..=1_030 {
        tv.set(Tv::PATHS.playback.position, position);
    }

    assert_eq!(changes.next().await.unwrap().unwrap_err(), Lagged(6));
    assert_eq!(changes.next().await.unwrap().unwrap().version(), 7);
}

#[cfg(feature = "serde")]
#[tokio::test]
async fn changes_are_json_where_the_state_is() {
    #[derive(Model, Clone, Debug, PartialEq, serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Room {
        light_on: bool,
        people: std::collections::BTreeMap<String, u32>,
    }
    let room = create_model("room", Room { light_on: false, people: Default::default() });
    let mut changes = room.changes();

    room.set(Room::PATHS.light_on, true);
    room.insert(Room::PATHS.people, "a/b", 3);

    let commit = changes.next().await.unwrap().unwrap();
    let change = commit.changes().next().unwrap();
    assert_eq!((change.path(), change.json()), ("lightOn".to_owned(), Some(true.into())));
    let commit = changes.next().await.unwrap().unwrap();
    assert_eq!(commit.changes().next().unwrap().json(), Some(3.into()));
}
