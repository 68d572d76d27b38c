//! L4a, L5: a logged model that a service owns.

use std::path::PathBuf;
use std::time::Duration;

use sprag::service::Health;
use sprag::{Result, prelude::*};
use sprag_log::{File, Logged, WriteError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::Counts;

struct Counter {
    counts: Logged<Counts>,
}

#[service(own(counts))]
impl Counter {
    async fn new(folder: Config<PathBuf>) -> Result<Self> {
        let log = File::open(&*folder)?;
        Ok(Self { counts: log.model("counts", Counts::default()).await? })
    }

    #[health]
    fn health(&self) -> Health {
        self.counts.health()
    }
}

app! { Counting(PathBuf) { Counter } }

/// Writes until the model is stopped; returns the acknowledged numbers.
async fn write(counts: Logged<Counts>, first: u64, begun: mpsc::Sender<()>) -> Vec<u64> {
    let mut acknowledged = Vec::new();
    for number in (first..).step_by(10) {
        match counts.push(Counts::PATHS.made, number).await {
            Ok(()) => acknowledged.push(number),
            Err(WriteError::Stopped { .. }) => break,
            Err(error) => panic!("{number}: {error}"),
        }
        // The test may have stopped waiting.
        let _ = begun.try_send(());
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn l4a_a_stop_of_the_service_waits_for_what_is_being_written() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = Counting::start(folder.path().to_owned()).await?;
    let counts = app.handle::<Counter>().get()?.counts.clone();
    assert!(app.health().await.status().is_healthy());
    let (begun, mut writes) = mpsc::channel(1);
    let mut writers = JoinSet::new();
    for first in 0..10 {
        writers.spawn(write(counts.clone(), first, begun.clone()));
    }
    writes.recv().await;

    let report = app.stop().await;

    assert!(report.is_clean(), "{report}");
    assert!(matches!(counts.health(), Health::Unhealthy(_)));
    // The committer has ended although handles exist: the folder is free.
    let log = File::open(folder.path())?;
    let mut acknowledged: Vec<u64> = writers.join_all().await.into_iter().flatten().collect();
    let recovered = log.model("counts", Counts::default()).await?;
    let mut made = recovered.snapshot().made.clone();
    acknowledged.sort_unstable();
    made.sort_unstable();
    assert!(!made.is_empty());
    assert_eq!(made, acknowledged);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn l7_a_log_that_cannot_be_recovered_ends_the_start_with_its_error() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let first = Counting::start(folder.path().to_owned()).await?;

    let Err(error) = Counting::start(folder.path().to_owned()).await else {
        panic!("two processes have one folder");
    };

    let error = format!("{error:?}");
    assert!(error.contains(&folder.path().display().to_string()), "{error}");
    assert!(first.stop().await.is_clean());
    Counting::start(folder.path().to_owned()).await?.stop().await;
    Ok(())
}

#[tokio::test]
async fn l4a_a_release_on_a_thread_of_async_code_does_not_panic() -> Result<()> {
    use sprag::Resource;
    let folder = tempfile::tempdir()?;
    let log = File::open(folder.path())?;
    let opening = log.model("counts", Counts::default()).grace(Duration::ZERO);
    let counts = opening.await?;
    counts.release();
    let refused = counts.set(Counts::PATHS.all, 1).await;
    assert!(matches!(refused, Err(WriteError::Stopped { .. })), "{refused:?}");
    counts.release();
    Ok(())
}
