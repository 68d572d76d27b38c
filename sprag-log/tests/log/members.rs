//! L1, L2: members of sets are entries of a log, one by one.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_log::{WriteError, open};

use crate::simulated::{Faults, World};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Song {
    tags: HashSet<String>,
    years: BTreeSet<u32>,
    big: HashSet<u128>,
}

#[tokio::test(start_paused = true)]
async fn l1_a_follower_and_a_later_process_have_the_members_that_were_written() {
    let world = World::new(7, Faults::default());
    let opening = || open(Arc::new(world.client()), "song", Song::default());
    let (song, follower) = (opening().await.unwrap(), opening().await.unwrap());
    for year in [2003, 1999, 2001] {
        assert!(song.add(Song::PATHS.years, year).await.unwrap());
    }
    assert!(follower.add(Song::PATHS.tags, "rock".to_owned()).await.unwrap());
    assert!(!song.add(Song::PATHS.tags, "rock".to_owned()).await.unwrap());
    song.remove(Song::PATHS.years, 1999).await.unwrap();
    song.update_at(Song::PATHS.years, |years| _ = years.insert(1980)).await.unwrap();
    follower.set_value("tags.live", "live".into()).await.unwrap();
    follower.patch_value("tags.rock", serde_json::Value::Null).await.unwrap();
    let expected = Song {
        tags: ["live".to_owned()].into(),
        years: [1980, 2001, 2003].into(),
        big: HashSet::new(),
    };
    assert_eq!(*follower.snapshot(), expected);
    let later = opening().await.unwrap();
    assert_eq!(*later.snapshot(), expected);
    song.add(Song::PATHS.years, 7).await.unwrap();
    later.add(Song::PATHS.years, 8).await.unwrap();
    assert_eq!(*later.snapshot().years.first().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn l2_a_member_that_json_cannot_carry_is_refused() {
    let world = World::new(7, Faults::default());
    let song = open(Arc::new(world.client()), "song", Song::default()).await.unwrap();
    let error = song.add(Song::PATHS.big, u128::MAX).await.unwrap_err();
    assert!(matches!(&error, WriteError::Unwritable { .. }), "{error}");
    assert!(error.to_string().contains("`big"), "{error}");
    assert!(song.add(Song::PATHS.big, 7).await.unwrap());
}
