//! [`Committer`]: the task that writes to a log and follows it, for one model of one
//! process.
//!
//! Writes run on a draft and are appended together, one append in flight. The callers of an
//! entry receive their results when the entry counts ([`EntryChain`]). An acknowledged append
//! counts at once if no other entry can precede it; otherwise the follower, or a read of the
//! log, shows whether the entry counts.

mod anchor;
pub(crate) mod backlog;
mod flight;
mod following;
mod gather;
#[cfg(test)]
mod idle;
mod intake;
mod requests;
mod snapshots;
mod turns;

use std::future::pending;
use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sprag_runtime::__private::discard;
use sprag_runtime::Model;
use sprag_runtime::path::State;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};

use self::anchor::AnchorProof;
use self::backlog::WriteBacklog;
use self::flight::{AppendFlight, FlightStep};
use self::following::OwnSeries;
use self::gather::ExpectedWrites;
use self::requests::TurnRequests;
use self::snapshots::Saved;
use crate::backend::{Log, Stored};
use crate::chain::EntryChain;
use crate::error::{ReadError, WriteError};
use crate::evolution::Evolution;
use crate::guard::{Panic, guarded, reason};
use crate::queue::{Command, QueuedWrites};
use crate::settings::Settings;
use crate::standing::Standing;
use crate::work::WriteJob;

/// The facts about a log when its committer begins.
pub(crate) struct Beginning<T: 'static, L> {
    pub(crate) log: Arc<L>,
    pub(crate) name: Arc<str>,
    pub(crate) model: Model<T>,
    /// The state with which the log began, for the next snapshot.
    pub(crate) initial: Arc<RawValue>,
    pub(crate) chain: EntryChain,
    pub(crate) evolution: Evolution,
    pub(crate) settings: Settings,
    /// Entries and bytes since the last snapshot.
    pub(crate) since_snapshot: (u64, u64),
    /// The bytes of the last snapshot.
    pub(crate) snapshot_size: u64,
}

pub(crate) struct Committer<T: 'static, L: Log> {
    log: Arc<L>,
    name: Arc<str>,
    /// The public state, which is the state of the log.
    model: Model<T>,
    /// The state of the first entry, as JSON of this process's type.
    initial: Arc<RawValue>,
    backlog: WriteBacklog<T>,
    chain: EntryChain,
    /// `None` before the first proof that the log has the entry at the end of the chain.
    proven: Option<AnchorProof>,
    /// Distinguishes this process's entries from all others.
    process: u64,
    evolution: Evolution,
    /// How many entries this process has appended.
    made: u64,
    flight: Option<AppendFlight>,
    step: Option<BoxFuture<'static, FlightStep>>,
    /// The writes that the next entry waits for, after an entry was confirmed.
    expected: Option<ExpectedWrites>,
    /// After how many more own entries in a row other processes count as idle.
    turns: u32,
    /// How long this process needed from the last entry of another one to its own next one.
    rerun: Duration,
    /// How long another process needed for its entry after the own one, the last time.
    response: Duration,
    /// Since when this process has had an entry to append and no own one has counted.
    contends: Option<Instant>,
    /// When this process began to read an entry of another one, until its own next one is made.
    reads: Option<Instant>,
    /// The turns that other processes have requested.
    requests: TurnRequests,
    /// The messages of other processes; `None` if the engine has no more of them.
    notices: Option<BoxStream<'static, Bytes>>,
    /// The time before which nothing is appended.
    resume: Option<Instant>,
    /// `None` while the follower is paused.
    next: Option<BoxFuture<'static, Followed<L::Follower>>>,
    series: OwnSeries,
    saving: Option<BoxFuture<'static, Saved>>,
    since_snapshot: (u64, u64),
    /// The size of the last snapshot, in bytes.
    snapshot_size: u64,
    /// How often entries were missing since the last entry that counted.
    gaps: u32,
    settings: Settings,
    commands: QueuedWrites<T>,
    /// Whether a handle of the model is left.
    has_handles: bool,
    standing: watch::Sender<Standing>,
    stopping: Option<Stopping>,
}

/// A stop that waits for writes.
struct Stopping {
    /// The writes from before it are still made.
    began: Instant,
    until: Instant,
    waiting: Vec<oneshot::Sender<()>>,
}

type Followed<F> = (F, Result<Vec<Stored>, ReadError>);

/// The event that woke the committer.
enum Wakeup<T: 'static, F> {
    Followed(Followed<F>),
    Stepped(FlightStep),
    Command(Option<Command<T>>),
    Saved(Saved),
    Noticed(Option<Bytes>),
    Time,
}

impl<T, L> Committer<T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    pub(crate) fn new(
        beginning: Beginning<T, L>,
        commands: QueuedWrites<T>,
        standing: watch::Sender<Standing>,
    ) -> Self {
        let Beginning {
            log,
            name,
            model,
            initial,
            chain,
            evolution,
            settings,
            since_snapshot,
            snapshot_size,
        } = beginning;
        let limits = backlog::BacklogLimits {
            name: name.to_string(),
            writes: settings.writes,
            bytes: settings.bytes,
            entry: log.max_entry(),
        };
        let backlog = WriteBacklog::new(model.clone(), chain.counted, limits, commands.fullness());
        let next = Some(intake::follow(log.follow(&name, chain.seen), Duration::ZERO));
        let notices = Some(log.notices(&name));
        Self {
            log,
            name,
            model,
            initial,
            backlog,
            chain,
            proven: None,
            process: fastrand::u64(..),
            evolution,
            made: 0,
            flight: None,
            step: None,
            expected: None,
            turns: 0,
            rerun: Duration::ZERO,
            response: Duration::ZERO,
            contends: None,
            reads: None,
            requests: TurnRequests::default(),
            notices,
            resume: None,
            next,
            series: OwnSeries::default(),
            saving: None,
            since_snapshot,
            snapshot_size,
            gaps: 0,
            settings,
            commands,
            has_handles: true,
            standing,
            stopping: None,
        }
    }

    /// Runs until the model is stopped, or all its handles are dropped.
    pub(crate) async fn run(mut self) {
        loop {
            match AssertUnwindSafe(self.turn()).catch_unwind().await {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return self.finish(),
                Err(panic) => self.end_by(panic),
            }
        }
    }

    /// Waits for the next event and handles it. Breaks when a stop is done.
    async fn turn(&mut self) -> ControlFlow<()> {
        if std::mem::take(&mut self.backlog.is_broken) {
            self.end("a write in flight could not be applied to the draft again");
        }
        self.gather().await;
        self.start();
        if self.is_done() {
            return ControlFlow::Break(());
        }
        match self.event().await {
            Wakeup::Command(Some(Command::Write(job))) => self.take(job),
            Wakeup::Command(Some(Command::Stop(done))) => self.stop(Some(done)),
            Wakeup::Command(None) => {
                self.has_handles = false;
                self.stop(None);
            }
            Wakeup::Followed(followed) => self.followed(followed).await,
            Wakeup::Stepped(step) => self.stepped(step).await,
            Wakeup::Saved(outcome) => self.saved(outcome),
            Wakeup::Noticed(Some(message)) => self.noticed(&message),
            Wakeup::Noticed(None) => self.notices = None,
            Wakeup::Time => self.expire(),
        }
        ControlFlow::Continue(())
    }

    /// Ends after a panic that no caller caused, since the state or the draft may lack a part
    /// of the log.
    fn end_by(&mut self, panic: Panic) {
        let reason = format!("the code of a value or of the log panicked: {}", reason(panic));
        if let Err(panic) = guarded(|| self.end(&reason)) {
            discard(panic);
        }
    }

    /// Waits for the first of several events.
    async fn event(&mut self) -> Wakeup<T, L::Follower> {
        let grace = self.stopping.as_ref().map(|stopping| stopping.until);
        let deadline = self.backlog.first_deadline();
        let wake = [grace, deadline, self.resume, self.follows_from()].into_iter().flatten().min();
        tokio::select! {
            biased;
            step = maybe(&mut self.step) => {
                self.step = None;
                Wakeup::Stepped(step)
            }
            followed = maybe(&mut self.next) => {
                self.next = None;
                Wakeup::Followed(followed)
            }
            saved = maybe(&mut self.saving) => {
                self.saving = None;
                Wakeup::Saved(saved)
            }
            message = noticed(&mut self.notices) => Wakeup::Noticed(message),
            command = self.commands.recv(), if self.has_handles => Wakeup::Command(command),
            () = until(wake) => Wakeup::Time,
        }
    }

    /// Accepts a write, and those that wait behind it.
    fn take(&mut self, job: WriteJob<T>) {
        self.push(job);
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Write(job) => self.push(job),
                Command::Stop(done) => self.stop(Some(done)),
            }
        }
    }

    fn push(&mut self, job: WriteJob<T>) {
        let refusal = match (&*self.standing.borrow(), &self.stopping) {
            (Standing::Ended(reason), _) => self.not_current(reason),
            (_, Some(stopping)) if job.began() >= stopping.began => {
                WriteError::Stopped { name: self.name.to_string() }
            }
            _ => return self.backlog.push(job),
        };
        if let Some(work) = job.work {
            work.fail(refusal);
        }
    }

    fn not_current(&self, reason: &str) -> WriteError {
        WriteError::NotCurrent { name: self.name.to_string(), reason: reason.to_owned() }
    }

    /// Refuses new writes from now on.
    fn stop(&mut self, done: Option<oneshot::Sender<()>>) {
        let began = Instant::now();
        let until = began + self.settings.grace;
        let stopping = self.stopping.get_or_insert(Stopping { began, until, waiting: Vec::new() });
        stopping.waiting.extend(done);
    }

    /// Whether a stop waits for nothing more.
    fn is_done(&self) -> bool {
        let waits = !self.backlog.is_empty() || !self.commands.is_empty();
        let writes = waits || self.flight.is_some();
        let idle = self.saving.is_none() && (!writes || self.is_ended());
        let over = |stopping: &Stopping| Instant::now() >= stopping.until;
        self.stopping.as_ref().is_some_and(|stopping| idle || over(stopping))
    }

    /// Replies to all waiting callers.
    fn finish(mut self) {
        self.commands.close();
        let name = self.name.to_string();
        self.backlog.fail_all(|| WriteError::Stopped { name: name.clone() });
        let mut waiting = self.stopping.take().map_or(Vec::new(), |stopping| stopping.waiting);
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Write(WriteJob { work: Some(work), .. }) => {
                    work.fail(WriteError::Stopped { name: name.clone() });
                }
                Command::Write(_) => {}
                Command::Stop(done) => waiting.push(done),
            }
        }
        if !self.is_ended() {
            self.standing.send_replace(Standing::Stopped);
        }
        // The engine is released before the waiting callers continue.
        drop(self);
        for done in waiting {
            // A caller that has gone needs no reply.
            let _ = done.send(());
        }
    }

    /// Fails the writes whose deadline has passed.
    fn expire(&mut self) {
        let now = Instant::now();
        self.resume = self.resume.filter(|resume| *resume > now);
        self.end_pause(now);
        let standing = self.standing.borrow().clone();
        let reason = standing.reason().unwrap_or("the earlier writes took too long");
        let model = &self.model;
        self.backlog.expire(now, reason, || T::clone(&model.snapshot()));
    }

    fn is_ended(&self) -> bool {
        matches!(*self.standing.borrow(), Standing::Ended(_))
    }

    /// Records that the log is in reach.
    fn reached(&self) {
        self.standing.send_if_modified(|standing| {
            let was_away = matches!(standing, Standing::Away { .. });
            if was_away {
                *standing = Standing::Current;
            }
            was_away
        });
    }

    /// Records that the log is out of reach.
    fn away(&self, reason: &str) {
        self.standing.send_if_modified(|standing| {
            let was_current = *standing == Standing::Current;
            if was_current {
                tracing::warn!(log = &*self.name, reason, "the log is out of reach");
                *standing = Standing::Away { reason: reason.into(), since: Instant::now() };
            }
            was_current
        });
    }

    /// Records that the log cannot be followed any more; nothing is written from now on.
    fn end(&mut self, reason: &str) {
        self.standing.send_replace(Standing::Ended(reason.into()));
        tracing::error!(log = &*self.name, reason, "the log cannot be followed");
        if self.flight.as_ref().is_some_and(|flight| !flight.may_be_stored()) {
            self.backlog.unsend();
        }
        (self.flight, self.step, self.next, self.saving) = (None, None, None, None);
        let error = self.not_current(reason);
        let WriteError::NotCurrent { name, reason } = error else { return };
        self.backlog
            .fail_all(|| WriteError::NotCurrent { name: name.clone(), reason: reason.clone() });
    }
}

/// Waits for the future, if there is one; otherwise forever.
async fn maybe<U>(future: &mut Option<BoxFuture<'static, U>>) -> U {
    match future {
        Some(future) => future.await,
        None => pending().await,
    }
}

/// Waits for the next message, if there may be one; otherwise forever.
async fn noticed(notices: &mut Option<BoxStream<'static, Bytes>>) -> Option<Bytes> {
    match notices {
        Some(notices) => notices.next().await,
        None => pending().await,
    }
}

async fn until(wake: Option<Instant>) {
    match wake {
        Some(wake) => sleep_until(wake).await,
        None => pending().await,
    }
}
