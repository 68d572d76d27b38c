//! L5: a disk that is full fails the writes within their deadlines, and all heals when there
//! is room.

use std::time::Duration;

use sprag_log::{File, FileError, WriteError};
use test_support::within_async;

use crate::Counts;
use crate::faults::{Medium, Room};

#[tokio::test]
async fn l5_a_full_disk_fails_writes_and_loses_nothing() {
    let medium = Medium::default();
    let file = File::on(medium.clone()).expect("an empty storage opens");
    let opening = file.model("counts", Counts::default()).snapshots(10, u64::MAX);
    let counts = opening.await.expect("the log is in reach");
    for number in 0..25 {
        counts.push(Counts::PATHS.made, number).await.expect("there is room");
    }
    medium.fill(Room::Full);
    for _ in 0..3 {
        let late = counts.within(Duration::from_millis(200));
        let failed = late.push(Counts::PATHS.made, 99).await.expect_err("the disk is full");
        let is_known =
            matches!(failed, WriteError::Unknown { .. } | WriteError::Unavailable { .. });
        assert!(is_known, "{failed:?}");
        assert!(!counts.is_current(), "the model is not current");
        assert_eq!(counts.get(Counts::PATHS.made).len(), 25, "reads go on");
    }
    medium.fill(Room::Enough);
    let healed = async { counts.set(Counts::PATHS.all, 7).await };
    within_async(Duration::from_secs(30), healed).await.expect("there is room again");
    assert!(counts.is_current(), "{:?}", counts.problem());
    let state = counts.snapshot();
    // Each write with an unknown outcome is there once, or not at all.
    assert!(state.made.len() <= 28 && state.made[..25] == (0..25).collect::<Vec<_>>());
    counts.stop().await;
    drop((counts, file));

    let file = File::on(medium.crash(&mut fastrand::Rng::with_seed(1))).expect("a log opens");
    let counts = file.model("counts", Counts::default()).await.expect("the log is whole");
    assert_eq!(counts.snapshot(), state);
}

#[tokio::test]
async fn l7_a_folder_on_a_full_disk_is_an_error_of_the_system_and_not_damage() {
    let medium = Medium::default();
    let file = File::on(medium.clone()).expect("an empty storage opens");
    let counts = file.model("counts", Counts::default()).await.expect("the log is in reach");
    counts.set(Counts::PATHS.all, 7).await.expect("there is room");
    counts.stop().await;
    drop((counts, file));

    let mut failed = 0;
    loop {
        let medium = medium.crash(&mut fastrand::Rng::with_seed(1));
        medium.fill(Room::Writes(failed));
        match File::on(medium.clone()) {
            Err(error) => assert!(matches!(error, FileError::Io { .. }), "{failed}: {error}"),
            Ok(_) => break,
        }
        failed += 1;
        medium.fill(Room::Enough);
        let file = File::on(medium).expect("there is room again");
        let counts = file.model("counts", Counts::default()).await.expect("the log is whole");
        assert_eq!(counts.get(Counts::PATHS.all), 7);
    }
    assert!(failed > 1, "an opening writes several times");
}
