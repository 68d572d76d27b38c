//! `watch` and `changes`, the streams for async readers.

#[cfg(feature = "serde")]
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "serde")]
use std::sync::Arc;
#[cfg(feature = "serde")]
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

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

#[cfg(feature = "serde")]
#[tokio::test]
async fn d7_a_reader_that_has_not_read_a_whole_write_costs_the_next_one_no_copy() {
    /// Counts its clones.
    #[derive(Debug, Default, serde::Serialize)]
    struct Counted(#[serde(skip)] Arc<AtomicUsize>);

    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, Relaxed);
            Self(Arc::clone(&self.0))
        }
    }

    impl PartialEq for Counted {
        fn eq(&self, _: &Self) -> bool {
            true
        }
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize)]
    struct Meter {
        #[model(leaf)]
        counted: Counted,
        number: u32,
    }

    let clones = Arc::default();
    let meter = create_model("meter", Meter::default());
    meter.replace(Meter { counted: Counted(Arc::clone(&clones)), number: 0 });
    let mut changes = meter.changes();
    meter.update(|meter| meter.number = 1);
    clones.store(0, Relaxed);

    meter.set(Meter::PATHS.number, 2);
    meter.transaction(|tx| Ok::<_, ()>(tx.set(Meter::PATHS.number, 3))).unwrap();

    assert_eq!(clones.load(Relaxed), 0);
    for number in 1..=3 {
        let commit = changes.next().await.unwrap().unwrap();
        let change = commit.changes().next().unwrap();
        assert_eq!((change.path(), change.json()), ("number".to_owned(), Some(number.into())));
    }
}

#[cfg(feature = "serde")]
#[tokio::test]
async fn d3_i6_a_changeset_with_an_equal_value_is_a_commit_that_changes_nothing() {
    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Room {
        light: bool,
        people: u32,
    }

    let [from, to] = ["from", "to"].map(|name| create_model(name, Room::default()));
    let mut written = from.changes();
    from.set(Room::PATHS.people, 3);
    let set = written.next().await.unwrap().unwrap().changeset();
    to.set(Room::PATHS.people, 3);
    let log = Log::default();
    let [people, room] = [log.clone(), log.clone()];
    let _subscriptions = [
        to.subscribe(Room::PATHS.people, move |_, _| people.push("people")),
        to.subscribe(Room::PATHS, move |_, _| room.push("room")),
    ];
    let mut changes = to.changes();

    assert_eq!(to.apply(&set).unwrap(), 2);
    assert!(log.take().is_empty());
    let commit = changes.next().await.unwrap().unwrap();
    assert_eq!((commit.version(), commit.changes().count()), (2, 0));
}

#[cfg(feature = "serde")]
#[tokio::test]
async fn d9_a_write_whose_record_panics_is_taken_out_of_its_transaction() {
    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Room {
        #[serde(default, skip_serializing_if = "panics_at_13")]
        floor: u32,
        people: u32,
    }

    fn panics_at_13(floor: &u32) -> bool {
        assert_ne!(*floor, 13, "the test's panic");
        false
    }

    let room = create_model("room", Room::default());
    let log = Log::default();
    let told = |name: &'static str| {
        let log = log.clone();
        move || log.push(name)
    };
    let (floor, people) = (told("floor"), told("people"));
    let _subscriptions = [
        room.subscribe(Room::PATHS.floor, move |_, _| floor()),
        room.subscribe(Room::PATHS.people, move |_, _| people()),
    ];
    let mut changes = room.changes();

    let done = room.transaction(|tx| {
        let refused = catch_unwind(AssertUnwindSafe(|| tx.set(Room::PATHS.floor, 13)));
        assert!(refused.is_err() && tx.get(Room::PATHS.floor) == 0);
        tx.set(Room::PATHS.people, 3);
        Ok::<_, ()>(())
    });

    assert_eq!(done, Ok(()));
    assert_eq!(*room.snapshot(), Room { floor: 0, people: 3 });
    assert_eq!(log.take(), ["people"]);
    let commit = changes.next().await.unwrap().unwrap();
    let paths: Vec<_> = commit.changes().map(|change| change.path()).collect();
    assert_eq!(paths, ["people"]);
}
