//! L3, L4, L4a and I5: a fault at each place where users' code runs in a process that writes to a
//! log and in one that follows, one at a time and two at a time, also with a caller that is
//! cancelled; [`hangs`] has those that last. After each: nothing hangs, all processes that are current
//! have one state, which is the one before the write or the one after, and everybody else is
//! served.
//!
//! A run without faults finds out where users' code runs; the faults are generated from that.
//! The test command runs a part of them, and `SPRAG_FAULTS=1` runs all.

mod hangs;
mod users;

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use sprag_log::{Logged, TransactError, WriteError, open};
use test_support::faults::{
    Armed, Fault, Method, Refused, Runs, Site, arm, disarm, each, pairs, part, reach, run,
};
use test_support::within;
use tokio::time::{sleep, timeout};

use self::users::{Plain, Stage, V, initial, v};
use crate::simulated::{Faults, World};

/// How a write ended for its caller.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ended {
    Written,
    NotWritten,
    /// The caller panicked, was cancelled or does not know.
    Open,
}

type Write = Pin<Box<dyn Future<Output = Ended>>>;

/// A write, by its name.
type Operation = (&'static str, fn(Logged<Stage>) -> Write);

fn ended<V>(outcome: Result<V, WriteError>) -> Ended {
    match outcome {
        Ok(_) => Ended::Written,
        Err(WriteError::Unknown { .. }) => Ended::Open,
        Err(_) => Ended::NotWritten,
    }
}

fn ended_or_refused<V, E>(outcome: Result<V, TransactError<E>>) -> Ended {
    match outcome {
        Ok(_) => Ended::Written,
        Err(TransactError::Write(error)) => ended::<V>(Err(error)),
        Err(_) => Ended::NotWritten,
    }
}

const OPERATIONS: &[Operation] = &[
    ("set", |stage| Box::pin(async move { ended(stage.set(Stage::PATHS.one, v(5)).await) })),
    ("push", |stage| Box::pin(async move { ended(stage.push(Stage::PATHS.list, v(5)).await) })),
    ("insert", |stage| {
        Box::pin(async move { ended(stage.insert(Stage::PATHS.map, 2, v(5)).await) })
    }),
    ("remove", |stage| Box::pin(async move { ended(stage.remove(Stage::PATHS.map, &1).await) })),
    ("retain", |stage| {
        let keep = |value: &V| {
            run(Site::Closure);
            value.0.0 > 1
        };
        Box::pin(async move { ended(stage.retain(Stage::PATHS.list, keep).await) })
    }),
    ("update_at", |stage| {
        let raise = |value: &mut V| {
            *value = v(value.0.0 + 1);
            run(Site::Closure);
        };
        Box::pin(async move { ended(stage.update_at(Stage::PATHS.one, raise).await) })
    }),
    ("try_update", |stage| {
        let change = |stage: &mut Stage| {
            stage.list.push(v(5));
            reach(Site::Refusal)?;
            stage.one = v(6);
            Ok::<_, Refused>(())
        };
        Box::pin(async move { ended_or_refused(stage.try_update(change).await) })
    }),
    ("transact", |stage| {
        Box::pin(async move {
            let outcome = stage.transact(|tx| {
                tx.set(Stage::PATHS.one, v(5));
                tx.push(Stage::PATHS.list, v(6));
                reach(Site::Refusal)?;
                tx.insert(Stage::PATHS.map, 1, v(7));
                Ok::<_, Refused>(())
            });
            ended_or_refused(outcome.await)
        })
    }),
    ("replace", |stage| {
        Box::pin(async move { ended(stage.replace(Stage { one: v(9), ..initial() }).await) })
    }),
];

/// At how many of its first runs code fails.
const FIRST: usize = 8;

/// Whether a process applies no entry without the code of `site`.
fn is_needed_to_follow(site: Site) -> bool {
    matches!(site, Site::Value(Method::Clone | Method::Deserialize))
}

/// Cancels `write` when it has been polled `polls` times.
async fn cancelled(mut write: Write, polls: usize) -> Ended {
    let mut left = polls;
    poll_fn(|cx| match write.as_mut().poll(cx) {
        Poll::Ready(ended) => Poll::Ready(ended),
        Poll::Pending if left == 0 => Poll::Ready(Ended::Open),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Versions and states that a subscriber which never fails has received.
type Seen = Arc<Mutex<Vec<(u64, Plain)>>>;

fn observe(stage: &Logged<Stage>) -> Seen {
    let seen = Seen::default();
    let one = |stage: &Stage| {
        run(Site::Selector);
        stage.one.0.0
    };
    stage.subscribe(one, |_, _| run(Site::Callback)).detach();
    stage.subscribe(Stage::PATHS.list, |_, _| run(Site::Callback)).detach();
    let shown = Arc::clone(&seen);
    let push = move |plain: &Plain, version| shown.lock().unwrap().push((version, plain.clone()));
    stage.subscribe(Plain::of, move |plain, change| push(plain, change.version())).detach();
    seen
}

async fn process(world: &World) -> Logged<Stage> {
    let opening = open(Arc::new(world.client()), "stage", initial());
    opening.snapshots(3, u64::MAX).deadline(Duration::from_secs(5)).await.unwrap()
}

/// A trial: a write, the faults, and after how many polls its caller is cancelled.
#[derive(Clone, Debug)]
struct Trial {
    operation: usize,
    armed: Vec<Armed>,
    cancel: Option<usize>,
}

/// The states before and after a write that does not fail.
type Outcomes = [Plain; 2];

impl Trial {
    /// The runs of each site, and the states before and after.
    async fn run(&self, outcomes: Option<&Outcomes>) -> (Runs, Result<Outcomes, String>) {
        let world = World::new(7, Faults::default());
        let (writer, follower) = (process(&world).await, process(&world).await);
        let seen = [observe(&writer), observe(&follower)];
        let before = writer.read(Plain::of);
        arm(self.armed.clone(), None);
        let write = OPERATIONS[self.operation].1(writer.clone());
        let write = cancelled(write, self.cancel.unwrap_or(usize::MAX));
        let write = timeout(Duration::from_secs(60), AssertUnwindSafe(write).catch_unwind()).await;
        // The follower takes the entry in, and the writer makes a snapshot.
        sleep(Duration::from_secs(1)).await;
        let runs = disarm();
        let ended = match write {
            Err(_) => return (runs, Err("the write hangs".into())),
            Ok(Ok(ended)) => ended,
            Ok(Err(payload)) => {
                // A payload may panic when it is dropped.
                std::mem::forget(payload);
                Ended::Open
            }
        };
        let checked = timeout(Duration::from_secs(600), async {
            let fresh = process(&world).await;
            let after = fresh.read(Plain::of);
            let mut current = vec![&fresh];
            let may_end = self.armed.iter().any(|armed| is_needed_to_follow(armed.site));
            for (process, seen) in [&writer, &follower].into_iter().zip(&seen) {
                if follows(process, may_end).await? {
                    current.push(process);
                    agrees(process, seen, &fresh)?;
                }
            }
            if let Some(outcomes) = outcomes {
                right(ended, outcomes, &after)?;
            }
            served(&current, 71).await?;
            Ok([before, after])
        });
        let checked = checked.await.unwrap_or_else(|_| Err("a process hangs afterwards".into()));
        (runs, checked)
    }
}

/// Whether `process` follows the log. One whose code of a value failed while it applied an
/// entry, or rebuilt its draft after that, may have ended: it says so and refuses writes.
async fn follows(process: &Logged<Stage>, may_end: bool) -> Result<bool, String> {
    let Err(error) = process.sync().await else { return Ok(true) };
    let says = |reason: &String| {
        reason.starts_with("at sequence ") || reason.contains("the code of a value")
    };
    let ended = matches!(error, WriteError::NotCurrent { .. }) && !process.is_current();
    if may_end && ended && process.problem().as_ref().is_some_and(says) {
        return Ok(false);
    }
    Err(format!("a process does not follow: {error}; {:?}", process.problem()))
}

/// `process` has the state of a fresh one. Its subscribers were shown rising versions, and the
/// present state last.
fn agrees(process: &Logged<Stage>, seen: &Seen, fresh: &Logged<Stage>) -> Result<(), String> {
    let (own, fresh) = (process.read(Plain::of), fresh.read(Plain::of));
    if own != fresh {
        return Err(format!("a process has {own:?}, and a new one {fresh:?}"));
    }
    let seen = seen.lock().unwrap();
    let last = seen.last().map(|last| &last.1);
    if !seen.is_sorted_by(|a, b| a.0 < b.0) || last.is_some_and(|last| *last != own) {
        return Err(format!("shown were {seen:?}, and the state is {own:?}"));
    }
    Ok(())
}

fn right(ended: Ended, [before, after]: &Outcomes, is: &Plain) -> Result<(), String> {
    let fits = match ended {
        Ended::Written => is == after,
        Ended::NotWritten => is == before,
        Ended::Open => is == before || is == after,
    };
    if fits { Ok(()) } else { Err(format!("the write is {ended:?}, and the state {is:?}")) }
}

/// Writes of each process, of numbers from `first` on, reach all others.
async fn served(processes: &[&Logged<Stage>], first: u32) -> Result<(), String> {
    for (from, number) in processes.iter().zip(first..) {
        let written = from.set(Stage::PATHS.number, number).await;
        written.map_err(|error| format!("a later write: {error}"))?;
        for to in processes {
            to.sync().await.map_err(|error| format!("a later sync: {error}"))?;
            if to.get(Stage::PATHS.number) != number {
                return Err(format!("a later write is not seen: {:?}", to.read(Plain::of)));
            }
        }
    }
    Ok(())
}

/// Runs `trial` in a runtime of its own.
fn run_alone(trial: Trial, outcomes: Option<Outcomes>) -> (Runs, Result<Outcomes, String>) {
    within(Duration::from_secs(60), move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        let result = runtime.block_on(trial.run(outcomes.as_ref()));
        disarm();
        result
    })
}

/// Each fault of the users' code of an operation that ends by itself, and the outcomes without
/// one.
fn faults(operation: usize) -> (Vec<Armed>, Outcomes) {
    let (runs, outcomes) = run_alone(Trial { operation, armed: vec![], cancel: None }, None);
    let outcomes = outcomes.unwrap_or_else(|wrong| panic!("{}: {wrong}", OPERATIONS[operation].0));
    let mut faults = each(&runs, FIRST);
    faults.retain(|armed| armed.fault != Fault::Hang);
    (faults, outcomes)
}

fn expect_none(stride: usize, plans: impl Fn(&[Armed]) -> Vec<(Vec<Armed>, Option<usize>)>) {
    let (mut count, mut wrong) = (0, Vec::new());
    for (operation, (name, _)) in OPERATIONS.iter().enumerate() {
        let (faults, outcomes) = faults(operation);
        for (armed, cancel) in part(plans(&faults), operation, stride) {
            count += 1;
            let trial = Trial { operation, armed, cancel };
            if let (_, Err(error)) = run_alone(trial.clone(), Some(outcomes.clone())) {
                wrong.push(format!("{name}, {:?}, {:?}: {error}", trial.armed, trial.cancel));
            }
        }
    }
    let text = wrong[..wrong.len().min(40)].join("\n");
    assert!(wrong.is_empty(), "{} of {count}:\n{text}", wrong.len());
}

#[test]
fn i5_one_fault_in_a_process_of_a_log() {
    expect_none(2, |faults| faults.iter().map(|fault| (vec![*fault], None)).collect());
}

#[test]
fn i5_two_faults_in_processes_of_a_log() {
    expect_none(397, |faults| pairs(faults).map(|pair| (pair, None)).collect());
}

#[test]
fn l4a_a_caller_that_is_cancelled_beside_a_fault() {
    expect_none(11, |faults| {
        let cancel = |fault: &Armed| {
            let fault = *fault;
            (0..3).map(move |polls| (vec![fault], Some(polls)))
        };
        let alone = (0..3).map(|polls| (vec![], Some(polls)));
        alone.chain(faults.iter().flat_map(cancel)).collect()
    });
}
