//! Restarts a service that failed, and the services that depend on it.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::log::log;
use super::report::Ended;
use super::shared::{AppState, ServiceCell};
use super::start::{StartFailure, start_set};
use super::stop::stop_set;
use crate::error::Error;
use crate::service::{Action, ServiceFailure, StopReason};

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// The service whose present life failed.
pub(super) fn failed_service(app: &AppState, failure: &ServiceFailure) -> Option<usize> {
    app.services.iter().position(|cell| cell.scope().is_same(&failure.scope))
}

/// Handles the failure of the service `failed`. `Some` is the reason why the app must stop.
pub(super) async fn handle_failure(
    app: &Arc<AppState>,
    failed: usize,
    failure: ServiceFailure,
    cancel: &CancellationToken,
) -> Option<StopReason> {
    let ServiceFailure { scope, action, mut error } = failure;
    // Dropped here, so that the old scope ends with its service.
    drop(scope);
    let _waiting = app.context.clock.waiting();
    loop {
        let Some(delay) = allowed(app, failed, action) else {
            let service = Arc::clone(&app.services[failed].name);
            return Some(StopReason::Failed { service, error });
        };
        let (name, why) = (Arc::clone(&app.services[failed].name), Arc::clone(&error));
        log(move || {
            tracing::warn!(service = &*name, error = why.text(), "failed; restarts in {delay:?}");
        });
        match restart(app, failed, delay, cancel).await {
            Ok(()) => return None,
            Err(NotRestarted::Leaked(service)) => {
                log(move || tracing::warn!(service = &*service, "leaked; there is no restart"));
                let service = Arc::clone(&app.services[failed].name);
                return Some(StopReason::Failed { service, error });
            }
            Err(NotRestarted::Cancelled) => return None,
            Err(NotRestarted::Failed(again)) => error = again,
        }
    }
}

/// Why a restart failed.
enum NotRestarted {
    /// The named service leaked something when it stopped.
    Leaked(Arc<str>),
    Cancelled,
    Failed(Arc<Error>),
}

/// The delay before the next restart; `None` if the limit of restarts is reached.
fn allowed(app: &AppState, failed: usize, action: Action) -> Option<Duration> {
    let Action::Restart { times, within } = action else { return None };
    let now = Instant::now();
    let earlier = app.services[failed].state(|state| {
        state.restarts.retain(|&restart| now.duration_since(restart) < within);
        state.restarts.push(now);
        state.restarts.len() - 1
    });
    let times = usize::try_from(times).unwrap_or(usize::MAX);
    (earlier < times).then(|| delay(earlier))
}

fn delay(earlier: usize) -> Duration {
    let delays = ExponentialBuilder::default()
        .with_min_delay(FIRST_DELAY)
        .with_max_delay(LONGEST_DELAY)
        .with_jitter()
        .without_max_times();
    delays.build().nth(earlier).unwrap_or(LONGEST_DELAY)
}

async fn restart(
    app: &Arc<AppState>,
    failed: usize,
    delay: Duration,
    cancel: &CancellationToken,
) -> Result<(), NotRestarted> {
    let set = app.with_dependents(failed);
    let stopped = (0..set.len()).filter(|&at| set[at]).map(|at| &app.services[at]);
    // The waiting jobs are kept for the next life.
    stopped.clone().for_each(|cell| cell.scope().queues().suspend());
    stop_set(app, &set).await;
    for cell in stopped.clone() {
        let leaked = cell.state(|state| {
            let report = state.report.as_ref();
            report.is_none_or(|report| report.ended() == Ended::Leaked)
        });
        if leaked {
            return Err(NotRestarted::Leaked(Arc::clone(&cell.name)));
        }
    }
    stopped.for_each(ServiceCell::renew);
    cancel.run_until_cancelled(sleep(delay)).await.ok_or(NotRestarted::Cancelled)?;
    // A failure cancels the rest of this start, but no later start.
    let started = start_set(app, &set, &cancel.child_token()).await;
    started.map_err(|failure| not_restarted(failure, cancel))
}

fn not_restarted(failure: StartFailure, cancel: &CancellationToken) -> NotRestarted {
    let error = match failure {
        StartFailure::Failed { error, .. } => error,
        StartFailure::TimedOut { service, step, limit } => {
            Error::msg(format_args!("service `{service}` took longer than {limit:?} in `{step}`"))
        }
        StartFailure::TotalSpent => Error::msg("the restart took longer than `start_total`"),
        _ if cancel.is_cancelled() => return NotRestarted::Cancelled,
        _ => Error::msg("the start was cancelled"),
    };
    NotRestarted::Failed(Arc::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s8_the_delay_doubles_up_to_its_limit() {
        for (earlier, least) in [(0, 100), (1, 200), (2, 400), (20, 10_000)] {
            let delay = delay(earlier).as_millis();
            assert!((least..=2 * least).contains(&delay), "{earlier}: {delay}");
        }
    }

    #[test]
    fn s8_a_restart_that_fails_says_why() {
        let text = |failure| match not_restarted(failure, &CancellationToken::new()) {
            NotRestarted::Failed(error) => error.to_string(),
            _ => panic!("the restart has failed"),
        };
        let (service, limit) = (|| "player".into(), Duration::from_secs(3));
        let error = Error::msg("no screen");
        assert_eq!(
            text(StartFailure::Failed { service: service(), step: "new", error }),
            "no screen"
        );
        assert_eq!(
            text(StartFailure::TimedOut { service: service(), step: "new", limit }),
            "service `player` took longer than 3s in `new`"
        );
        assert_eq!(text(StartFailure::TotalSpent), "the restart took longer than `start_total`");
        assert_eq!(text(StartFailure::RuntimeEnded), "the start was cancelled");
        let cancelled = CancellationToken::new();
        cancelled.cancel();
        let failure = not_restarted(StartFailure::RuntimeEnded, &cancelled);
        assert!(matches!(failure, NotRestarted::Cancelled));
    }
}
