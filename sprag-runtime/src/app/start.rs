//! Starts a crew: each service after those it depends on, independent ones at the
//! same time, until one fails.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::crew::{Crew, Member};
use super::step::{Budget, StepEnd, step};
use crate::bus::inside;
use crate::error::{Error, Result};
use crate::service::{Attach, BoxFuture};
use crate::task::panicked;

/// Why a start did not succeed.
pub(crate) enum Trouble {
    Failed {
        service: Arc<str>,
        step: &'static str,
        error: Error,
    },
    TimedOut {
        service: Arc<str>,
        step: &'static str,
        limit: Duration,
    },
    /// Called off: another service had failed, or the app was told to stop.
    Cancelled,
    RuntimeEnded,
}

/// Starts all services; the first failure cancels `cancel`, and so may the caller.
pub(crate) async fn start_all(crew: &Arc<Crew>, cancel: &CancellationToken) -> Result<(), Trouble> {
    let budget = Budget::new(crew.limits.start_total, Duration::ZERO);
    let started: Arc<[watch::Sender<bool>]> =
        crew.members.iter().map(|_| watch::Sender::new(false)).collect();
    let mut starting = JoinSet::new();
    for at in 0..crew.members.len() {
        let (crew, started, cancel) = (Arc::clone(crew), Arc::clone(&started), cancel.clone());
        starting.spawn(async move {
            for &earlier in &crew.after[at] {
                let mut started = started[earlier].subscribe();
                let waiting = cancel.run_until_cancelled(started.wait_for(|started| *started));
                waiting.await.ok_or(Trouble::Cancelled)?.map_err(|_| Trouble::Cancelled)?;
            }
            let member = &crew.members[at];
            let ended = start_one(&crew, member, budget, &cancel).await;
            if ended.is_ok() {
                tracing::debug!(service = &*member.name, "started");
                started[at].send_replace(true);
            } else {
                cancel.cancel();
            }
            ended
        });
    }
    let mut outcome = Ok(());
    while let Some(ended) = starting.join_next().await {
        let ended = ended.unwrap_or_else(|_lost| {
            cancel.cancel();
            Err(Trouble::Cancelled)
        });
        // What was merely called off is never the first failure.
        if let (Ok(()) | Err(Trouble::Cancelled), Err(trouble)) = (&outcome, ended) {
            outcome = Err(trouble);
        }
    }
    outcome
}

async fn start_one(
    crew: &Crew,
    member: &Member,
    budget: Budget,
    cancel: &CancellationToken,
) -> Result<(), Trouble> {
    if cancel.is_cancelled() {
        return Err(Trouble::Cancelled);
    }
    member.state(|state| state.begun = true);
    let hook = Hook { crew, member, budget, cancel };
    let wired = hook.run("new", (member.create)(&member.scope)).await?;
    member.scope.stack().push_below(wired.owned);
    attach(member, "new", wired.listeners)?;
    if let Some(on_start) = wired.on_start {
        hook.run("on_start", on_start).await?;
    }
    member.slot.fill(wired.instance);
    member.state(|state| {
        state.on_stop = wired.on_stop;
        state.health = wired.health;
        state.running = true;
    });
    attach(member, "on_start", wired.background)
}

/// Attaches listeners and spawns tasks; fails if the scope has ended already.
fn attach(member: &Member, step: &'static str, parts: Vec<Attach>) -> Result<(), Trouble> {
    parts.into_iter().try_for_each(|part| part(&member.scope)).map_err(|stopped| Trouble::Failed {
        service: Arc::clone(&member.name),
        step,
        error: stopped.into(),
    })
}

/// Runs the hooks of one service.
struct Hook<'a> {
    crew: &'a Crew,
    member: &'a Member,
    budget: Budget,
    cancel: &'a CancellationToken,
}

impl Hook<'_> {
    async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        hook: BoxFuture<Result<T>>,
    ) -> Result<T, Trouble> {
        let service = Arc::clone(&self.member.name);
        let limit = self.budget.limit(self.crew.limits.start_hook);
        let hook = Box::pin(inside(self.member.scope.bus().clone(), hook));
        match step(&self.crew.link.runtime, hook, limit, self.cancel).await {
            StepEnd::Done(value) => Ok(value),
            StepEnd::Failed(error) => Err(Trouble::Failed { service, step: name, error }),
            StepEnd::Panicked(text) => {
                let error = Error::msg(panicked(&text));
                Err(Trouble::Failed { service, step: name, error })
            }
            StepEnd::Leaked if self.cancel.is_cancelled() => Err(Trouble::Cancelled),
            StepEnd::TimedOut | StepEnd::Leaked => {
                Err(Trouble::TimedOut { service, step: name, limit })
            }
            StepEnd::Cancelled => Err(Trouble::Cancelled),
            StepEnd::RuntimeEnded => Err(Trouble::RuntimeEnded),
        }
    }
}
