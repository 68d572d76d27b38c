//! A folder is free when what had it open has ended.

use std::time::Duration;

use sprag_log::File;
use test_support::within_async;

use crate::Counts;

/// Writes once, with a reader that follows the log at the same time.
async fn write(file: &File, number: u64) -> sprag_log::Logged<Counts> {
    let counts = file.model("counts", Counts::default()).await.expect("the log is whole");
    assert_eq!(counts.get(Counts::PATHS.all), number, "all writes before are there");
    counts.set(Counts::PATHS.all, number + 1).await.expect("the disk takes it");
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_opens_again_a_hundred_times_after_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..100 {
        let file = File::open(folder.path()).expect("nothing has the folder open");
        let counts = write(&file, number).await;
        drop(file);
        counts.stop().await;
        drop(counts);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_opens_again_a_hundred_times_after_close() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..100 {
        let file = File::open(folder.path()).expect("nothing has the folder open");
        // Nothing stops the model, which ends by itself.
        drop(write(&file, number).await);
        within_async(Duration::from_secs(30), file.close()).await;
    }
}
