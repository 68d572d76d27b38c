//! S3: fakes in the places of services, a part of an app alone; S10: waiting for a service.

use std::sync::Arc;

use sprag::error::WaitError;
use sprag::prelude::*;
use tokio::sync::Notify;

use super::support::*;

pub trait Store: Send + Sync {
    fn read(&self) -> &'static str;
}

pub struct Db;

#[service]
impl Db {
    fn new(log: Config<Log>) -> Self {
        log.say("db");
        Self
    }
}

impl Store for Db {
    fn read(&self) -> &'static str {
        "disk"
    }
}

pub struct Clerk {
    store: Handle<dyn Store>,
}

#[service]
impl Clerk {
    fn new(store: Handle<dyn Store>, log: Config<Log>) -> Self {
        log.say("clerk");
        Self { store }
    }

    fn read(&self) -> &'static str {
        self.store.get().unwrap().read()
    }
}

pub struct Guard;

#[service(depends_on(Clerk))]
impl Guard {
    fn new(log: Config<Log>) -> Self {
        log.say("guard");
        Self
    }
}

/// Starts last, when it is let go.
pub struct Late;

#[service]
impl Late {
    async fn new(go: Config<Arc<Notify>>) -> Self {
        go.notified().await;
        Self
    }
}

/// Waits for `Late` in a task.
pub struct Early;

#[service]
impl Early {
    fn new() -> Self {
        Self
    }

    #[task]
    async fn wait(&self, scope: &Scope) -> sprag::Result<()> {
        scope.wait_for::<Late>().await?.get()?;
        scope.shutdown();
        Ok(())
    }
}

app! { pub Bank(Log) { Clerk, Db as dyn Store, Guard } }
app! { pub Bar(Arc<Notify>) { Early, Late } }

struct InMemory;

impl Store for InMemory {
    fn read(&self) -> &'static str {
        "memory"
    }
}

#[tokio::test]
async fn s3_a_fake_of_a_trait_takes_the_place_of_its_service() {
    let log = Log::default();
    let bank = Bank::builder(log.clone()).fake::<dyn Store>(Arc::new(InMemory));
    let bank = bank.start().await.unwrap();
    assert_eq!(bank.handle::<Clerk>().get().unwrap().read(), "memory");
    assert_eq!(bank.handle::<dyn Store>().get().unwrap().read(), "memory");
    assert!(!log.has("db") && log.has("guard"));
    assert!(bank.stop().await.is_clean());
}

#[tokio::test]
async fn s3_a_fake_may_be_a_value_of_the_service_itself() {
    let log = Log::default();
    let bank = Bank::builder(log.clone()).fake::<Db>(Arc::new(Db)).start().await.unwrap();
    assert!(bank.handle::<Db>().is_available());
    assert!(!log.has("db"));
    assert!(bank.stop().await.is_clean());
}

#[tokio::test]
async fn s3_only_what_one_service_needs_starts() {
    let log = Log::default();
    let bank = Bank::builder(log.clone()).only::<Clerk>().start().await.unwrap();
    assert_eq!(log.lines(), ["db", "clerk"]);
    assert!(!bank.handle::<Guard>().is_available());
    assert_eq!(bank.services().len(), 2);
    assert_eq!(bank.health().await.services().count(), 2);
    assert!(bank.stop().await.is_clean());

    let log = Log::default();
    let bank = Bank::builder(log.clone()).only::<Guard>().fake::<dyn Store>(Arc::new(InMemory));
    let bank = bank.start().await.unwrap();
    assert_eq!(log.lines(), ["clerk", "guard"]);
    assert!(bank.stop().await.is_clean());
}

#[tokio::test]
async fn s10_a_service_waits_for_another_one() {
    let go = Arc::new(Notify::new());
    let (started, ()) = tokio::join!(Bar::start(go.clone()), async { go.notify_one() });
    let report = match started {
        Ok(bar) => bar.stopped().await,
        // The task was faster than the answer to the start.
        Err(error) => error.report().unwrap().clone(),
    };
    assert!(matches!(report.reason(), sprag::app::StopReason::Shutdown { .. }), "{report}");
}

#[tokio::test]
async fn s10_a_wait_that_cannot_end_is_an_error() {
    let scope = Scope::new("early");
    let early = sprag::start_with(scope.clone(), Early::new());
    let early = early.on_failure(sprag::service::OnFailure::report()).await.unwrap();
    let not_there = scope.wait_for::<Late>().await.unwrap_err();
    assert!(matches!(not_there, WaitError::NotInApp { .. }), "{not_there}");
    early.stop().await;
}
