//! L4a, L5: a logged model that a service owns.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sprag::service::Health;
use sprag::{Result, prelude::*};
use sprag_log::{File, Logged, WriteError};
use test_support::within_async;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::Counts;
use crate::faults::{Medium, Room};
use crate::gated::Gated;

const LIMIT: Duration = Duration::from_secs(60);

struct Counter {
    counts: Logged<Counts>,
}

#[service(own(counts))]
impl Counter {
    async fn new(folder: Config<PathBuf>) -> Result<Self> {
        let log = File::open(&*folder)?;
        Ok(Self { counts: log.model("counts", Counts::default()).await? })
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

/// A service whose model is on an engine that the test holds up.
struct Recovering {
    counts: Logged<Counts>,
}

#[service(own(counts))]
impl Recovering {
    async fn new(
        scope: &Scope,
        log: Config<Arc<Gated>>,
        begun: Config<mpsc::Sender<Scope>>,
    ) -> Result<Self> {
        begun.send(scope.clone()).await?;
        let opening = sprag_log::open(Arc::clone(&log), "counts", Counts::default());
        Ok(Self { counts: opening.await? })
    }
}

app! { Gating(Arc<Gated>, mpsc::Sender<Scope>) { Recovering } }

#[tokio::test]
async fn l3_an_app_is_ready_when_the_state_of_its_log_is_recovered() -> Result<()> {
    let log = Arc::new(Gated::on(File::on(Medium::default())?));
    log.open();
    let earlier = sprag_log::open(Arc::clone(&log), "counts", Counts::default()).await?;
    earlier.set(Counts::PATHS.all, 7).await?;
    earlier.stop().await;
    log.close();

    let (begun, mut begins) = mpsc::channel(1);
    let start = tokio::spawn(Gating::start(Arc::clone(&log), begun));
    let scope = begins.recv().await.expect("the service begins");
    within_async(LIMIT, log.is_read()).await;
    assert!(!scope.is_ready() && !start.is_finished(), "it recovers");
    log.open();
    let app = within_async(LIMIT, start).await??;

    assert!(app.is_ready() && scope.is_ready());
    let counts = app.handle::<Recovering>().get()?.counts.clone();
    assert_eq!((counts.get(Counts::PATHS.all), counts.is_current()), (7, true));
    assert!(app.stop().await.is_clean());
    Ok(())
}

/// A service whose model is on a storage that can be full.
struct Kept {
    counts: Logged<Counts>,
}

#[service(own(counts))]
impl Kept {
    async fn new(medium: Config<Medium>) -> Result<Self> {
        let log = File::on(Medium::clone(&medium))?;
        Ok(Self { counts: log.model("counts", Counts::default()).await? })
    }
}

app! { Keeping(Medium) { Kept } }

#[tokio::test]
async fn l5_the_health_and_the_readiness_of_an_app_are_whether_its_log_is_current() -> Result<()> {
    let medium = Medium::default();
    let app = Keeping::start(medium.clone()).await?;
    let counts = app.handle::<Kept>().get()?.counts.clone();
    for round in 1..3 {
        assert!(app.is_ready() && app.health().await.status().is_healthy());
        medium.fill(Room::Full);
        let late = counts.within(Duration::from_millis(200));
        late.set(Counts::PATHS.all, round).await.expect_err("the disk is full");

        let health = app.health().await;
        let Some(Health::Degraded(reason)) = health.service("Kept") else { panic!("{health:?}") };
        assert!(reason.starts_with("counts: not current for "), "{reason}");
        assert!(!app.is_ready(), "reads go on, with old values");
        assert_eq!(counts.get(Counts::PATHS.all), 2 * (round - 1));

        medium.fill(Room::Enough);
        within_async(LIMIT, counts.set(Counts::PATHS.all, 2 * round)).await?;
    }
    assert!(app.is_ready() && app.health().await.status().is_healthy());
    assert!(app.stop().await.is_clean());
    Ok(())
}

#[tokio::test]
async fn l5_an_app_whose_log_has_ended_says_which_and_is_not_ready() -> Result<()> {
    let medium = Medium::default();
    let app = Keeping::start(medium).await?;
    let counts = app.handle::<Kept>().get()?.counts.clone();
    counts.destroy().await?;
    let health = app.health().await;
    let Some(Health::Unhealthy(reason)) = health.service("Kept") else { panic!("{health:?}") };
    assert!(reason.starts_with("counts"), "{reason}");
    assert!(!app.is_ready() && app.is_alive());
    app.stop().await;
    Ok(())
}
