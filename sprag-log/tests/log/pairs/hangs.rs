//! A hang of users' code, alone and beside another fault: while it lasts, the other process
//! writes and reads, and so do the readers of the own process where the code runs outside of
//! locks. Afterwards the write goes on, and both processes agree.
//!
//! Each of the two processes has a thread and a runtime, on the real clock.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use sprag_log::{Logged, open};
use test_support::faults::{Armed, Fault, Gate, Method, Runs, Site, arm, disarm, each, part};
use test_support::within;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::users::{Plain, Stage, initial};
use super::{
    Ended, FIRST, OPERATIONS, Outcomes, Seen, agrees, faults, follows, is_needed_to_follow,
    observe, right, served,
};
use crate::simulated::{Faults, World};

/// A generous time for steps that take milliseconds.
const SOON: Duration = Duration::from_secs(60);

/// Trials wait for messages most of the time.
const AT_ONCE: usize = 8;

/// The part of the process whose code hangs.
#[derive(Clone, Copy, Debug)]
enum Role {
    Writes,
    Follows,
}

#[derive(Clone, Debug)]
struct HangTrial {
    operation: usize,
    role: Role,
    armed: Vec<Armed>,
}

struct Process {
    stage: Logged<Stage>,
    seen: Seen,
}

/// The ends of the channels to the process whose code hangs.
struct Controls {
    process: oneshot::Receiver<Process>,
    /// Arms the faults, and begins the write of [`Role::Writes`].
    begin: oneshot::Sender<()>,
    armed: oneshot::Receiver<()>,
    /// Says that the write of the other process has ended.
    written: oneshot::Sender<()>,
    ended: oneshot::Receiver<(Ended, Runs)>,
    hung: mpsc::UnboundedReceiver<Site>,
    go: std::sync::mpsc::Sender<()>,
    /// Ends the process when it is dropped.
    _alive: oneshot::Sender<()>,
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

async fn process(world: &World) -> Process {
    let opening = open(Arc::new(world.client()), "stage", initial());
    let stage = opening.snapshots(3, u64::MAX).deadline(SOON).await.unwrap();
    let seen = observe(&stage);
    Process { stage, seen }
}

impl HangTrial {
    /// Starts the process whose code hangs, in a thread of its own.
    fn start(&self, world: &World) -> Controls {
        let (to_process, process_of) = oneshot::channel();
        let (begin, begins) = oneshot::channel();
        let (arms, armed) = oneshot::channel();
        let (written, writes) = oneshot::channel();
        let (ends, ended) = oneshot::channel();
        let (_alive, dies) = oneshot::channel::<()>();
        let (hangs, hung) = mpsc::unbounded_channel();
        let (gate, go) = Gate::new(move |site| hangs.send(site).unwrap_or_default());
        let (trial, world) = (self.clone(), world.clone());
        // A channel whose other end is gone belongs to a trial that has failed.
        let run = move || async move {
            let Process { stage, seen } = process(&world).await;
            let _ = to_process.send(Process { stage: stage.clone(), seen });
            let _: Result<(), _> = begins.await;
            arm(trial.armed, Some(gate));
            let _ = arms.send(());
            let end = match trial.role {
                Role::Writes => write(trial.operation, &stage).await,
                Role::Follows => {
                    let _: Result<(), _> = writes.await;
                    Ended::Written
                }
            };
            // All that the write causes happens before, unless the process has ended.
            let _ = stage.sync().await;
            let _ = ends.send((end, disarm()));
            let _ = dies.await;
        };
        thread::spawn(move || runtime().block_on(run()));
        Controls { process: process_of, begin, armed, written, ended, hung, go, _alive }
    }

    /// Runs the trial; how often the code of each site of the process ran.
    async fn run(&self, outcomes: Option<&Outcomes>) -> Result<Runs, String> {
        let world = World::new(7, Faults::default());
        let mut controls = self.start(&world);
        let first = soon("an opening", controls.process).await?.map_err(|_| "an opening panics")?;
        let second = process(&world).await;
        let _ = controls.begin.send(());
        let _ = soon("the other thread", controls.armed).await?;
        if let Role::Follows = self.role {
            let ended = soon("the write of another process", write(self.operation, &second.stage));
            let Ended::Written = ended.await? else {
                return Err("the write of another process fails".into());
            };
        }
        let _ = controls.written.send(());
        while let Some(site) = soon("the write", controls.hung.recv()).await? {
            served_beside(site, &first, &second).await?;
            let _ = controls.go.send(());
        }
        let ended = soon("the write after a hang", controls.ended).await?;
        let (ended, runs) = ended.map_err(|_| "the process panics")?;
        if let Some(outcomes) = outcomes {
            let checked = self.check(&world, ended, outcomes, [&first, &second]);
            soon("a process afterwards", checked).await??;
        }
        Ok(runs)
    }

    async fn check(
        &self,
        world: &World,
        ended: Ended,
        outcomes: &Outcomes,
        processes: [&Process; 2],
    ) -> Result<(), String> {
        let fresh = process(world).await.stage;
        let mut current = vec![&fresh];
        // A process that was held up continues from a snapshot of the other one.
        let may_end = self.armed.iter().any(|armed| is_needed_to_leap(armed.site));
        for Process { stage, seen } in processes {
            if follows(stage, may_end).await? {
                current.push(stage);
                agrees(stage, seen, &fresh)?;
            }
        }
        let after = fresh.read(Plain::of).unnumbered();
        right(ended, &outcomes.clone().map(Plain::unnumbered), &after)?;
        served(&current, 81).await
    }
}

/// Whether a process that is behind continues from no snapshot without the code of `site`.
fn is_needed_to_leap(site: Site) -> bool {
    is_needed_to_follow(site) || site == Site::Value(Method::Serialize)
}

/// Whether no lock of the state is held, so that its readers are served while the code hangs.
fn is_outside_locks(site: Site) -> bool {
    let serialize = Site::Value(Method::Serialize);
    site == serialize || matches!(site, Site::Callback | Site::Closure | Site::Refusal)
}

/// While code of `first` hangs, the other process writes and reads, and readers of `first` read.
async fn served_beside(site: Site, first: &Process, second: &Process) -> Result<(), String> {
    soon("another process beside a hang", served(&[&second.stage], 71)).await??;
    if is_outside_locks(site) {
        let stage = first.stage.clone();
        let read = spawn_blocking(move || stage.read(Plain::of));
        let read = soon(&format!("a reader beside a hang of {site:?}"), read).await?;
        read.map_err(|error| error.to_string())?;
    }
    Ok(())
}

async fn soon<V>(what: &str, step: impl Future<Output = V>) -> Result<V, String> {
    timeout(SOON, step).await.map_err(|_| format!("{what} hangs"))
}

async fn write(operation: usize, stage: &Logged<Stage>) -> Ended {
    let write = AssertUnwindSafe(OPERATIONS[operation].1(stage.clone())).catch_unwind();
    write.await.unwrap_or_else(|payload| {
        // A payload may panic when it is dropped.
        std::mem::forget(payload);
        Ended::Open
    })
}

fn run_alone(trial: HangTrial, outcomes: Option<Outcomes>) -> Result<Runs, String> {
    within(20 * SOON, move || runtime().block_on(trial.run(outcomes.as_ref())))
}

/// A hang at each moment of a role; and each of these with each other fault.
fn trials(operation: usize, role: Role) -> [Vec<HangTrial>; 2] {
    let trial = HangTrial { operation, role, armed: vec![] };
    let runs = run_alone(trial.clone(), None).expect("it works without a fault");
    let (hangs, others): (Vec<Armed>, Vec<Armed>) =
        each(&runs, FIRST).into_iter().partition(|armed| armed.fault == Fault::Hang);
    let with = |armed| HangTrial { armed, ..trial.clone() };
    let pairs = hangs.iter().flat_map(|hang| others.iter().map(|other| [*hang, *other]));
    let pairs = pairs.filter(|[hang, other]| hang.moment() != other.moment());
    let pairs = pairs.map(|pair| with(pair.to_vec())).collect();
    [hangs.iter().map(|hang| with(vec![*hang])).collect(), pairs]
}

/// The errors of those of `trials` that fail.
fn wrong(trials: Vec<HangTrial>, outcomes: &[Outcomes]) -> Vec<String> {
    let (waiting, wrong) = (Mutex::new(VecDeque::from(trials)), Mutex::new(Vec::new()));
    let next = || waiting.lock().unwrap().pop_front();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(trial) = next() {
                    let outcomes = outcomes[trial.operation].clone();
                    if let Err(error) = run_alone(trial.clone(), Some(outcomes)) {
                        wrong.lock().unwrap().push(format!("{trial:?}: {error}"));
                    }
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}

#[test]
fn l3_l4_a_hang_alone_and_beside_another_fault_holds_up_no_other_process() {
    let (mut chosen, mut outcomes) = (Vec::new(), Vec::new());
    for operation in 0..OPERATIONS.len() {
        outcomes.push(faults(operation).1);
        for role in [Role::Writes, Role::Follows] {
            let [alone, pairs] = trials(operation, role);
            chosen.extend(part(alone, operation, 11).chain(part(pairs, operation, 499)));
        }
    }
    let (count, wrong) = (chosen.len(), wrong(chosen, &outcomes));
    let text = wrong[..wrong.len().min(40)].join("\n");
    assert!(wrong.is_empty(), "{} of {count}:\n{text}", wrong.len());
}
