//! The outcome of a case, as a sentence of the table.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use sprag::app::{Ended, Limits, ServiceReport, StopReason, StopReport};
use sprag::prelude::*;
use sprag::service::OnFailure;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::case::{Case, Fault, Faulty, Job, Leaf, Parent, Poked, Trial};

/// A step that hangs misses this; any other step keeps it, unless the machine is busy.
pub const SHORT: Duration = Duration::from_millis(300);

/// The limit of a second try: no step misses this because the machine is busy.
pub const PATIENT: Duration = Duration::from_secs(2);

/// The runtimes on which each case runs.
#[derive(Clone, Copy, Debug)]
pub enum Threads {
    One,
    Two,
}

impl Threads {
    pub fn runtime(self) -> Runtime {
        let mut builder = match self {
            Self::One => Builder::new_current_thread(),
            Self::Two => Builder::new_multi_thread(),
        };
        builder.worker_threads(2).enable_all().build().unwrap()
    }
}

/// Runs a case, from the start of its app to the last release. `limit` is that of each step.
pub fn outcome(place: &'static str, fault: Fault, threads: Threads, limit: Duration) -> String {
    let case = Case::new(place, fault);
    let runtime = threads.runtime();
    let outcome = runtime.block_on(run(case.clone(), limit));
    assert_eq!(case.released.load(Ordering::SeqCst), 1, "{place}, {fault:?}: {outcome}");
    outcome
}

async fn run(case: Case, limit: Duration) -> String {
    let limits = Limits::new().start_hook(limit).stop_hook(limit).grace(limit);
    let limits = limits.stop_total(Duration::MAX);
    match Trial::builder(case.clone()).limits(limits).start().await {
        Err(error) => format!("no start; {}", told(error.report().expect("it was begun"))),
        Ok(app) => {
            // The runtime of the app may block, so another one drives the case.
            let (outcome, done) = oneshot::channel();
            let drive = move || {
                let own = Builder::new_current_thread().build().unwrap();
                drop(outcome.send(own.block_on(drive(&case, app))));
            };
            thread::spawn(drive);
            done.await.expect("the case does not panic")
        }
    }
}

/// Reaches the place of the fault, then stops the app.
async fn drive(case: &Case, app: Trial) -> String {
    let (place, fault) = (case.place, case.fault);
    let bus = app.bus().clone();
    let emitter = thread::spawn(move || bus.emit(Poked));
    let faulty = app.handle::<Faulty>();
    faulty.queue().send(Job).await.unwrap();
    faulty.queue().send(Arc::new(Job)).await.unwrap();
    case.running.send_replace(true);
    let mut seen = Vec::new();
    if place.ends_with("of a child") {
        seen.extend(start_child(case, &app).await);
    }
    if place == "health"
        && let Some(Health::Unhealthy(_)) = app.health().await.service("Faulty")
    {
        seen.push("unhealthy");
    }
    let stops_by_itself = match place {
        "task" => matches!(fault, Fault::Panic | Fault::Error),
        "process" => matches!(fault, Fault::Error | Fault::Abort),
        _ => false,
    };
    if !stops_by_itself && !reached_at_the_stop(place) {
        case.reached.subscribe().wait_for(|reached| *reached > 0).await.unwrap();
    }
    let report = if stops_by_itself { app.stopped().await } else { app.stop().await };
    emitter.join().unwrap();
    seen.into_iter().map(|seen| format!("{seen}; ")).collect::<String>() + &told(&report)
}

fn reached_at_the_stop(place: &str) -> bool {
    let place = place.trim_end_matches(" of a child");
    ["on_stop", "on_stopped", "cleanup", "drop"].contains(&place)
}

async fn start_child(case: &Case, app: &Trial) -> Option<&'static str> {
    let scope = app.handle::<Parent>().get().unwrap().scope.clone();
    let child = scope.child_of::<Leaf>("leaf").on_failure(OnFailure::stop_alone()).await;
    let Ok(child) = child else { return Some("no child") };
    if case.place == "task of a child" && matches!(case.fault, Fault::Panic | Fault::Error) {
        child.stopped().await;
    }
    None
}

fn told(report: &StopReport) -> String {
    let mut told: Vec<String> = Vec::new();
    if let StopReason::Failed { .. } = report.reason() {
        told.push("the app stops".into());
    }
    report.services().iter().for_each(|service| tell(service, &mut told));
    if told.is_empty() {
        told.push(if report.is_clean() { "clean" } else { "not clean" }.into());
    }
    told.join(", ")
}

fn tell(service: &ServiceReport, told: &mut Vec<String>) {
    let steps = service.steps().iter().filter(|step| step.ended() > Ended::Finished);
    told.extend(steps.map(|step| format!("`{}` {}", step.name(), step.ended())));
    let failures = service.failures().iter();
    told.extend(failures.map(|hook| format!("`{}` counted", hook.hook())));
    service.children().iter().for_each(|child| tell(child, told));
}
