//! S9: the users' code of a service runs in spans that name the service and the hook, and a
//! subscriber that panics costs no hook.
#![cfg(feature = "service")]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use sprag::prelude::*;
use test_support::within_async;
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event as LogEvent, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// Where each line was logged: `service/hook`, and the line.
static SEEN: LazyLock<Mutex<BTreeSet<(String, String)>>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Fields {
    service: String,
    hook: String,
    message: String,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "service" => self.service = value.to_owned(),
            "hook" => self.hook = value.to_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}

/// Notes what services log, and panics in the spans of those that are called `Victim`.
struct Notes;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Notes {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        assert!(fields.service != "Victim" || fields.hook == "on_stop", "a dead log");
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        panic_for_victim(id, &context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        panic_for_victim(id, &context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        panic_for_victim(&id, &context);
    }

    fn on_event(&self, event: &LogEvent<'_>, context: Context<'_, S>) {
        let mut line = Fields::default();
        event.record(&mut line);
        let Some(span) = context.event_span(event) else { return };
        if let Some(Fields { service, hook, .. }) = span.extensions().get::<Fields>() {
            SEEN.lock().unwrap().insert((format!("{service}/{hook}"), line.message));
        }
    }
}

fn panic_for_victim<S: Subscriber + for<'a> LookupSpan<'a>>(id: &Id, context: &Context<'_, S>) {
    let is_victim = |fields: &Fields| fields.service == "Victim";
    let span = context.span(id).unwrap();
    assert!(!span.extensions().get::<Fields>().is_some_and(is_victim), "a dead log");
}

/// All tests of this process log here.
fn log_to_notes() {
    static INSTALLED: LazyLock<()> = LazyLock::new(|| {
        let subscriber = tracing_subscriber::registry().with(Notes);
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    LazyLock::force(&INSTALLED);
}

/// A line of the code that runs.
fn says(line: &str) {
    tracing::info!("{line}");
}

#[derive(Event, Clone)]
pub struct Poked;

pub struct Job;

/// Says where it is, in all its code.
pub struct Talker;

#[service]
impl Talker {
    fn new(scope: &Scope) -> Self {
        says("new");
        scope.cleanup(|| says("cleanup"));
        Self
    }

    fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
        says("on_start");
        scope.spawn_named("own task", async { says("spawned") })?;
        Ok(())
    }

    #[task]
    async fn follow(&self) {
        tokio::task::yield_now().await;
        says("task");
    }

    #[interval("1ms")]
    async fn tick(&self) {
        says("interval");
    }

    #[watch(poll = "1ms", call = changed)]
    fn look(&self) -> u8 {
        says("poll");
        0
    }

    fn changed(&self, _: &u8) {
        says("changed");
    }

    #[listen]
    fn heard(&self, _: &Poked) {
        says("listener");
    }

    #[listen]
    async fn handled(&self, _: &Poked) {
        says("async listener");
    }

    #[worker(1)]
    async fn work(&self, _: Job) {
        says("worker");
    }

    #[worker(1)]
    fn toil(&self, _: Arc<Job>) {
        says("worker on a thread");
    }

    #[health]
    fn check(&self) -> Health {
        says("health");
        Health::Healthy
    }

    fn on_stop(&self) {
        says("on_stop");
    }

    async fn on_stopped(&self) {
        says("on_stopped");
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        says("drop");
    }
}

app! { pub Talking { Talker } }

const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn s9_all_code_of_a_service_runs_in_a_span_of_its_hook() {
    log_to_notes();
    let app = Talking::start().await.unwrap();
    app.bus().emit(Poked);
    let queue = app.handle::<Talker>();
    queue.queue().call(Job).await.unwrap();
    queue.queue().call(Arc::new(Job)).await.unwrap();
    app.health().await;
    let has = |line: &str| SEEN.lock().unwrap().iter().any(|(_, seen)| seen == line);
    within_async(LIMIT, async {
        while !(has("interval") && has("changed") && has("task") && has("spawned")) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let report = app.stop().await;
    assert!(report.is_clean(), "{report}");

    for (hook, line) in [
        ("new", "new"),
        ("on_start", "on_start"),
        ("own task", "spawned"),
        ("follow", "task"),
        ("tick", "interval"),
        ("look", "poll"),
        ("look", "changed"),
        ("heard", "listener"),
        ("handled", "async listener"),
        ("work", "worker"),
        ("toil", "worker on a thread"),
        ("health", "health"),
        ("on_stop", "on_stop"),
        ("on_stopped", "on_stopped"),
        ("release", "cleanup"),
        ("release", "drop"),
    ] {
        let expected = (format!("Talker/{hook}"), line.to_owned());
        assert!(
            SEEN.lock().unwrap().contains(&expected),
            "{expected:?}: {:?}",
            SEEN.lock().unwrap()
        );
    }
}

/// A service in whose spans the subscriber panics.
pub struct Victim {
    done: Arc<Mutex<Vec<&'static str>>>,
    worked: Arc<Notify>,
}

#[service]
impl Victim {
    fn new(done: Config<Arc<Mutex<Vec<&'static str>>>>, worked: Config<Arc<Notify>>) -> Self {
        Self { done: (*done).clone(), worked: (*worked).clone() }
    }

    #[task]
    async fn work(&self, scope: &Scope) {
        self.worked.notify_one();
        scope.cancelled().await;
        self.done.lock().unwrap().push("task");
    }

    #[listen]
    fn heard(&self, _: &Poked) {
        self.done.lock().unwrap().push("listener");
    }

    async fn on_stop(&self) {
        tokio::task::yield_now().await;
        self.done.lock().unwrap().push("on_stop");
        panic!("while the log is dead");
    }
}

app! { pub Victims(Arc<Mutex<Vec<&'static str>>>, Arc<Notify>) { Victim } }

#[tokio::test]
async fn s5_a_subscriber_that_panics_in_spans_costs_no_hook() {
    log_to_notes();
    let (done, worked) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Notify>::default());
    let app = Victims::start(Arc::clone(&done), Arc::clone(&worked)).await.unwrap();
    app.bus().emit(Poked);
    within_async(LIMIT, worked.notified()).await;
    let report = app.stop().await;

    assert_eq!(*done.lock().unwrap(), ["listener", "on_stop", "task"]);
    let victim = report.service("Victim").unwrap();
    assert_eq!(victim.step("on_stop").unwrap().ended(), sprag::app::Ended::Panicked, "{report}");
}
