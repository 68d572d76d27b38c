//! S2, S4, S5: two faults at a time, in one service or in one and one below it, on both
//! runtimes. The expectations are rules and not lists:
//!
//! - the start and the stop end within their limits,
//! - each service whose scope was created is released once, a service before its dependencies,
//! - each fault whose code was reached is in the report of its service,
//! - the report has no other fault, except what a blocked thread of a runtime takes along,
//! - a report of a reached fault is not clean, unless the failure is only counted.
//!
//! The test command runs a part of the pairs: `SPRAG_FAULTS=1` runs all.

mod units;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use sprag::app::{Ended, Limits, ServiceReport, StopReport};
use sprag::prelude::*;
use sprag::service::Works;
use test_support::faults::part;
use test_support::within;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::case::{Job, Poked, quiet};
use super::outcome::{PATIENT, SHORT, Threads};
use units::{Lower, Middle, Placed, Tower, Trouble, UnitFault, Upper};

/// The time that a trial may take.
const TRIAL: Duration = Duration::from_secs(300);

/// The number of trials at one time in the test command, beside other tests.
const AT_ONCE: usize = 8;

/// The number of trials at one time with `SPRAG_FAULTS`. A trial takes 20 ms of processor time,
/// and waits for deadlines for some seconds.
const AT_ONCE_ALONE: usize = 96;

/// The test command runs one in so many pairs.
const STRIDE: usize = 127;

const SERVICES: [&str; 3] = ["Upper", "Middle", "Lower"];

/// The places of `Middle` that are not async.
const NOT_ASYNC: [&str; 5] = ["on_start", "interval", "watcher", "on_stop", "on_stopped"];

const PLACES: [&str; 13] = [
    "new",
    "on_start",
    "task",
    "interval",
    "worker",
    "thread_worker",
    "watcher",
    "listener",
    "async_listener",
    "on_stop",
    "on_stopped",
    "cleanup",
    "drop",
];

const FAULTS: [UnitFault; 6] = [
    UnitFault::Panic,
    UnitFault::Bomb,
    UnitFault::Error,
    UnitFault::Hang,
    UnitFault::Block,
    UnitFault::Cancel,
];

/// Code that is not async cannot hang without its thread, code that returns nothing returns
/// no error, and a start is cancelled in its hooks.
fn exists(service: &str, place: &str, fault: UnitFault) -> bool {
    let is_async = service != "Middle" || !NOT_ASYNC.contains(&place);
    match fault {
        UnitFault::Panic | UnitFault::Bomb | UnitFault::Block => true,
        UnitFault::Error => !["cleanup", "drop"].contains(&place),
        UnitFault::Hang => {
            is_async && !["listener", "thread_worker", "cleanup", "drop"].contains(&place)
        }
        UnitFault::Cancel => is_async && ["new", "on_start"].contains(&place),
    }
}

fn singles() -> Vec<Placed> {
    let all = SERVICES.iter().flat_map(|&service| {
        let places = PLACES.iter().flat_map(move |&place| {
            FAULTS.iter().map(move |&fault| Placed { service, place, fault })
        });
        places.filter(|placed| exists(placed.service, placed.place, placed.fault))
    });
    all.collect()
}

fn pairs() -> Vec<Vec<Placed>> {
    let singles = singles();
    let others = |(n, one): (usize, &Placed)| {
        let differ = |other: &&Placed| (one.service, one.place) != (other.service, other.place);
        singles[n + 1..].iter().filter(differ).map(|other| vec![*one, *other]).collect::<Vec<_>>()
    };
    singles.iter().enumerate().flat_map(others).collect()
}

/// The end of a trial.
struct TrialEnd {
    /// `None` if the start was cancelled.
    report: Option<StopReport>,
    /// The faults that were reached before the report.
    reached: Vec<Placed>,
}

/// Runs the faults, and returns the broken rules. `limit` is that of each step.
fn trial(faults: &[Placed], threads: Threads, limit: Duration) -> Vec<String> {
    let trouble = Trouble::new(faults);
    let runtime = threads.runtime();
    let end = runtime.block_on(run(trouble.clone(), limit));
    // The release of `Ground` ends all that blocks. Without `Ground`, whose `new` missed its
    // limit on a busy machine, nothing was reached that blocks.
    if trouble.created.lock().unwrap().contains(&"Ground") {
        trouble.gate.pass();
    }
    drop(runtime);
    let mut wrong: Vec<String> = wrong_releases(&trouble).into_iter().collect();
    if let Some(report) = end.report {
        let blocks = end.reached.iter().any(|placed| placed.fault == UnitFault::Block);
        wrong.extend(wrong_report(&report, &end.reached, blocks));
        wrong.last_mut().into_iter().for_each(|wrong| *wrong += &format!("\n{report}"));
    }
    let what = format!("{faults:?}, {threads:?}: ");
    wrong.into_iter().map(|wrong| what.clone() + &wrong).collect()
}

async fn run(trouble: Trouble, limit: Duration) -> TrialEnd {
    let limits = Limits::new().start_hook(limit).stop_hook(limit).grace(limit);
    let limits = limits.stop_total(Duration::MAX);
    // The runtime of the app may block, so another one drives the trial.
    let starting = Tower::builder(trouble.clone()).limits(limits);
    let mut reached = trouble.reached.subscribe();
    let is_cancelled =
        |reached: &Vec<Placed>| reached.iter().any(|placed| placed.fault == UnitFault::Cancel);
    let started = tokio::select! {
        started = starting.start() => started,
        _ = reached.wait_for(is_cancelled) => {
            return TrialEnd { report: None, reached: Vec::new() };
        }
    };
    match started {
        Err(error) => {
            let reached = trouble.reached.borrow().clone();
            TrialEnd { report: error.report().cloned(), reached }
        }
        Ok(app) => {
            let (end, done) = oneshot::channel();
            let drive = move || {
                let own = Builder::new_current_thread().enable_time().build().unwrap();
                drop(end.send(own.block_on(drive(&trouble, app, limit))));
            };
            thread::spawn(drive);
            done.await.expect("the trial does not panic")
        }
    }
}

/// Sends a job to each worker. A service that has failed refuses the jobs.
async fn send_jobs<S>(service: &Handle<S>)
where
    S: Works<Job, Reply = ()> + Works<Arc<Job>, Reply = ()>,
{
    let _refused = service.queue::<Job>().send(Job).await.is_err();
    let _refused = service.queue::<Arc<Job>>().send(Arc::new(Job)).await.is_err();
}

/// Reaches the places of the faults, as far as the first one permits, then stops the app.
async fn drive(trouble: &Trouble, app: Tower, limit: Duration) -> TrialEnd {
    let bus = app.bus().clone();
    let emitter = thread::spawn(move || bus.emit(Poked));
    send_jobs(&app.handle::<Upper>()).await;
    send_jobs(&app.handle::<Middle>()).await;
    send_jobs(&app.handle::<Lower>()).await;
    trouble.running.send_replace(true);
    let at_the_stop = ["on_stop", "on_stopped", "cleanup", "drop"];
    let running = |placed: &&Placed| !at_the_stop.contains(&placed.place);
    let wanted: Vec<Placed> = trouble.faults.iter().filter(running).copied().collect();
    let mut reached = trouble.reached.subscribe();
    let all = reached.wait_for(|reached| wanted.iter().all(|placed| reached.contains(placed)));
    tokio::select! {
        // A blocked thread keeps the other fault from being reached.
        _either = timeout(limit, all) => {}
        _stopped = app.stopped() => {}
    }
    let report = app.stop().await;
    let reached = trouble.reached.borrow().clone();
    emitter.join().unwrap();
    TrialEnd { report: Some(report), reached }
}

/// Each created service is released once, after the services that depend on it.
fn wrong_releases(trouble: &Trouble) -> Option<String> {
    let created = trouble.created.lock().unwrap().clone();
    let released = trouble.released.lock().unwrap().clone();
    let expected: Vec<_> = created.iter().rev().copied().collect();
    (released != expected).then(|| format!("created {created:?}, released {released:?}"))
}

/// The faults that the report lacks, and those that it has without a reason.
fn wrong_report(report: &StopReport, reached: &[Placed], blocks: bool) -> Vec<String> {
    let lacks = |placed: &&Placed| {
        let service = report.service(placed.service);
        !service.is_some_and(|service| marks(service).iter().any(|mark| is_of(mark, placed.place)))
    };
    let lacking =
        reached.iter().filter(lacks).map(|placed| format!("not in the report: {placed:?}"));
    let mut wrong: Vec<String> = lacking.collect();
    for service in report.services() {
        let is_known = |mark: &Mark| {
            let own =
                |placed: &Placed| placed.service == service.name() && is_of(mark, placed.place);
            reached.iter().any(own) || (blocks && mark.ended.is_some_and(is_taken_along))
        };
        let unknown = marks(service).into_iter().filter(|mark| !is_known(mark));
        wrong.extend(unknown.map(|mark| format!("without a reason: {} {mark:?}", service.name())));
    }
    let has_marks = report
        .services()
        .iter()
        .any(|service| marks(service).iter().any(|mark| mark.ended.is_some()));
    if report.is_clean() && has_marks {
        wrong.push("the report is clean".to_owned());
    }
    wrong
}

/// Whether a step that a blocked thread keeps from running may end so.
fn is_taken_along(ended: Ended) -> bool {
    matches!(ended, Ended::Lost | Ended::Aborted | Ended::TimedOut | Ended::Leaked)
}

/// A trace of a fault in a report.
#[derive(Debug)]
struct Mark {
    hook: String,
    /// `None` for a failure that is only counted.
    ended: Option<Ended>,
}

fn marks(service: &ServiceReport) -> Vec<Mark> {
    let steps = service.steps().iter().filter(|step| step.ended() > Ended::Finished);
    let steps = steps.map(|step| Mark { hook: step.name().into(), ended: Some(step.ended()) });
    let failures = service.failures().iter();
    let failures = failures.map(|hook| Mark { hook: hook.hook().into(), ended: None });
    steps.chain(failures).collect()
}

fn is_of(mark: &Mark, place: &str) -> bool {
    match place {
        "cleanup" | "drop" => mark.hook == "release",
        // The subscriptions end in a step of their own.
        "listener" => ["listener", "listen"].contains(&&*mark.hook),
        _ => mark.hook == place,
    }
}

/// Faults, and the runtime for them.
type PlannedTrial = (Vec<Placed>, Threads);

/// The broken rules of all trials. On a busy machine a trial may break a rule because a step
/// misses its limit, so a trial counts if it does so again, with fewer others and more time.
fn broken(trials: Vec<Vec<Placed>>) -> (usize, Vec<String>) {
    quiet();
    let is_alone = std::env::var_os("SPRAG_FAULTS").is_some();
    // Neighbours take turns, so that a part has both runtimes.
    let runtimes = |n: usize| match n % 2 {
        _ if is_alone => vec![Threads::One, Threads::Two],
        0 => vec![Threads::One],
        _ => vec![Threads::Two],
    };
    let planned = trials.into_iter().enumerate().flat_map(|(n, faults)| {
        runtimes(n).into_iter().map(move |threads| (faults.clone(), threads))
    });
    let planned: Vec<PlannedTrial> = planned.collect();
    let count = planned.len();
    let at_once = if is_alone { AT_ONCE_ALONE } else { AT_ONCE };
    let suspects: Vec<_> =
        broken_of(planned, at_once, SHORT).into_iter().map(|(it, _)| it).collect();
    println!("{} of {count} once more, with more time", suspects.len());
    let broken = broken_of(suspects, AT_ONCE.max(at_once / 4), PATIENT);
    (count, broken.into_iter().flat_map(|(_, wrong)| wrong).collect())
}

/// The trials that break rules, with these rules.
fn broken_of(
    trials: Vec<PlannedTrial>,
    at_once: usize,
    limit: Duration,
) -> Vec<(PlannedTrial, Vec<String>)> {
    let waiting = Mutex::new(VecDeque::from(trials));
    let broken = Mutex::new(Vec::new());
    thread::scope(|threads| {
        for _ in 0..at_once {
            threads.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().pop_front();
                    let Some(trial) = next else { return };
                    let wrong = in_time(&trial.0, trial.1, limit);
                    if !wrong.is_empty() {
                        broken.lock().unwrap().push((trial, wrong));
                    }
                }
            });
        }
    });
    broken.into_inner().unwrap()
}

fn in_time(faults: &[Placed], threads: Threads, limit: Duration) -> Vec<String> {
    let faults = faults.to_vec();
    // The name of the thread is that of a trial that hangs.
    let thread = thread::Builder::new().name(format!("{faults:?}, {threads:?}"));
    let trial = move || within(TRIAL, move || trial(&faults, threads, limit));
    thread.spawn(trial).unwrap().join().unwrap_or_else(|_| vec!["a trial hangs or panics".into()])
}

fn expect_none((count, broken): (usize, Vec<String>)) {
    let shown = broken[..broken.len().min(20)].join("\n");
    assert!(broken.is_empty(), "{} of {count}:\n{shown}", broken.len());
}

#[test]
fn s5_one_fault_is_in_the_report_and_nothing_else_is() {
    let singles = singles().into_iter().map(|placed| vec![placed]);
    expect_none(broken(part(singles, 0, 3).collect()));
}

#[test]
fn s5_two_faults_are_in_the_report_and_nothing_else_is() {
    expect_none(broken(part(pairs(), 0, STRIDE).collect()));
}
