//! L4: every write of a model exists with `async`, and has the same effect.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sprag::path::Address;
use sprag::prelude::*;
use sprag_log::{File, Logged, TransactError, WriteError};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    open: bool,
    rooms: Vec<u32>,
    guests: BTreeMap<String, u32>,
    keys: BTreeSet<u32>,
    owner: Option<String>,
}

async fn house(folder: &std::path::Path) -> Logged<House> {
    let log = File::open(folder).expect("a folder of ours");
    log.model("house", House::default()).await.expect("the disk is there")
}

/// The writes of a list.
async fn list(house: &Logged<House>) -> Result<(), WriteError> {
    let rooms = || House::PATHS.rooms;
    house.extend(rooms(), [3, 1, 2]).await?;
    assert_eq!(house.insert_at(rooms(), 9, 7).await?, Some(7));
    house.push(rooms(), 9).await?;
    assert_eq!(house.pop(rooms()).await?, Some(9));
    house.sort(rooms()).await?;
    assert_eq!(house.get(rooms()), [1, 2, 3]);
    house.sort_by(rooms(), |a, b| b.cmp(a)).await?;
    house.retain(rooms(), |room| *room != 2).await?;
    assert_eq!(house.get(rooms()), [3, 1]);
    house.sort_by_key(rooms(), |room| *room).await?;
    assert_eq!(house.update_at(rooms(), |rooms| rooms.len()).await?, 2);
    Ok(())
}

/// The writes of a map and of a set.
async fn entries(house: &Logged<House>) -> Result<(), WriteError> {
    let (guests, keys) = (|| House::PATHS.guests, || House::PATHS.keys);
    assert_eq!(house.insert(guests(), "Ada".to_owned(), 1).await?, None);
    assert_eq!(house.insert_if_absent(guests(), "Ada".to_owned(), 2).await?, Some(2));
    house.update_or_insert(guests(), "Ada".to_owned(), |room| *room += 4, || 0).await?;
    assert_eq!(house.remove(guests(), "Bob".to_owned()).await?, None);
    assert_eq!(house.get(guests()), BTreeMap::from([("Ada".to_owned(), 5)]));
    assert!(house.add(keys(), 4_u32).await?);
    assert!(!house.add(keys(), 4_u32).await?);
    Ok(())
}

#[tokio::test]
async fn l4_each_write_of_a_model_is_one_of_a_logged_model_and_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let logged = house(folder.path()).await;
    list(&logged).await.unwrap();
    entries(&logged).await.unwrap();
    assert!(logged.compare_and_set(House::PATHS.open, false, true).await.unwrap());
    assert!(!logged.compare_and_set(House::PATHS.open, false, true).await.unwrap());
    assert!(logged.take(House::PATHS.open).await.unwrap());
    let absent = logged.set(House::PATHS.owner.some(), "Bob".into()).await;
    assert!(matches!(absent, Err(WriteError::Absent(_))));
    let count = logged.update(|house| {
        house.owner = Some("Cy".into());
        house.rooms.len()
    });
    assert_eq!(count.await.unwrap(), 2);
    let refused = logged.try_update(|house| {
        house.rooms.clear();
        Err::<(), _>("occupied")
    });
    assert!(matches!(refused.await, Err(TransactError::Refused("occupied"))));
    let before = logged.snapshot();
    logged.stop().await;

    let logged = house(folder.path()).await;
    assert_eq!(logged.snapshot(), before);
    assert_eq!((&*before.rooms, before.owner.as_deref()), (&[1, 3][..], Some("Cy")));
    logged.replace(House { open: true, ..House::default() }).await.unwrap();
    assert!(logged.get(House::PATHS.open) && logged.get(House::PATHS.rooms).is_empty());
}

#[tokio::test]
async fn l4_writes_by_text_answer_with_their_version_and_a_reset_is_a_write() {
    let folder = tempfile::tempdir().unwrap();
    let logged = house(folder.path()).await;
    let place = |name: &str| Address::from_iter([name.into()]);
    assert_eq!(logged.set_value("open", true.into()).await.unwrap(), logged.version());
    logged.set_at(&place("rooms"), json!([1, 2])).await.unwrap();
    logged.patch_value("guests", json!({ "Ada": 1, "Bob": 2 })).await.unwrap();
    logged.merge_at(&place("guests"), json!({ "Bob": null })).await.unwrap();
    let refused = logged.set_value("rooms", "none".into()).await;
    assert!(matches!(refused, Err(TransactError::Refused(_))), "{refused:?}");
    let guests = BTreeMap::from([("Ada".to_owned(), 1)]);
    let expected = House { open: true, rooms: vec![1, 2], guests, ..House::default() };
    assert_eq!(*logged.snapshot(), expected);
    logged.stop().await;
    drop(logged);

    let logged = house(folder.path()).await;
    assert_eq!(*logged.snapshot(), expected);
    logged.reset().await.unwrap();
    assert_eq!(*logged.snapshot(), House::default());
}

#[tokio::test]
async fn l4_the_inverse_of_a_commit_undoes_it_unless_its_place_was_written_since() {
    let folder = tempfile::tempdir().unwrap();
    let logged = house(folder.path()).await;
    let mut changes = logged.changes();
    logged.push(House::PATHS.rooms, 7).await.unwrap();
    let commit = changes.next().await.unwrap().unwrap();
    logged.set(House::PATHS.open, true).await.unwrap();
    logged.apply(commit.inverse()).await.unwrap();
    assert_eq!(*logged.snapshot(), House { open: true, ..House::default() });

    logged.set(House::PATHS.open, false).await.unwrap();
    changes.next().await.unwrap().unwrap();
    changes.next().await.unwrap().unwrap();
    let closed = changes.next().await.unwrap().unwrap();
    logged.set(House::PATHS.open, true).await.unwrap();
    let stale = logged.apply(closed.inverse()).await;
    assert!(matches!(stale, Err(TransactError::Refused(_))), "{stale:?}");
}

#[tokio::test]
async fn l9_a_write_of_the_whole_state_logs_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let logged = house(folder.path()).await;
    logged.extend(House::PATHS.rooms, 0..1_000).await.unwrap();
    let mut changes = logged.changes();
    logged.update(|house| house.open = true).await.unwrap();
    let commit = changes.next().await.unwrap().unwrap();
    assert_eq!(serde_json::to_string(&commit.changeset().ops).unwrap(), r#"[["=",["open"],true]]"#);
}
