//! The restarts of an app. Services that have to do with each other restart one after the
//! other, and independent ones at the same time: the backoff of one service must not keep
//! another one from its restart.

use std::panic::resume_unwind;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::restart::{failed_service, handle_failure};
use super::shared::AppState;
use crate::service::{ServiceFailure, StopReason};

/// Restarts the services that fail until `cancel` is cancelled, and waits for the restarts
/// in progress. `Some` is the reason why the app must stop.
pub(super) async fn restart_failed(
    app: &Arc<AppState>,
    cancel: &CancellationToken,
) -> Option<StopReason> {
    let (mut failures, mut stop) = (app.context.failures()?, None);
    let mut restarts = Restarts::new(app, cancel);
    loop {
        tokio::select! {
            biased;
            Some(reason) = restarts.ended() => {
                if reason.is_some() {
                    cancel.cancel();
                    stop = stop.or(reason);
                }
            }
            Some(Some(failure)) = cancel.run_until_cancelled(failures.recv()) => {
                restarts.waiting.push(failure);
            }
            else => return stop,
        }
        restarts.begin();
    }
}

struct Restarts<'a> {
    app: &'a Arc<AppState>,
    cancel: &'a CancellationToken,
    /// The failures of services that are a part of a restart in progress.
    waiting: Vec<ServiceFailure>,
    /// Each restart ends with the services that it was for.
    running: JoinSet<(Vec<bool>, Option<StopReason>)>,
    /// The services that are a part of a restart in progress.
    busy: Vec<bool>,
}

impl<'a> Restarts<'a> {
    fn new(app: &'a Arc<AppState>, cancel: &'a CancellationToken) -> Self {
        let busy = vec![false; app.services.len()];
        Self { app, cancel, waiting: Vec::new(), running: JoinSet::new(), busy }
    }

    /// Begins the restarts that wait for no other one.
    fn begin(&mut self) {
        for failure in std::mem::take(&mut self.waiting) {
            // The failure of an earlier life is ignored.
            let Some(failed) = failed_service(self.app, &failure) else { continue };
            let set = self.app.with_dependents(failed);
            if self.cancel.is_cancelled() {
                continue;
            }
            if set.iter().zip(&self.busy).any(|(one, other)| *one && *other) {
                self.waiting.push(failure);
                continue;
            }
            self.parts(&set).for_each(|busy| *busy = true);
            self.app.mark_unready();
            let (app, cancel) = (Arc::clone(self.app), self.cancel.clone());
            self.running.spawn(async move {
                let reason = handle_failure(&app, failed, failure, &cancel).await;
                (set, reason)
            });
        }
        if self.running.is_empty() && !self.cancel.is_cancelled() {
            self.app.mark_ready();
        }
    }

    /// Waits for the end of a restart, and returns why the app must stop; `None` without a
    /// restart in progress.
    async fn ended(&mut self) -> Option<Option<StopReason>> {
        match self.running.join_next().await? {
            Ok((set, reason)) => {
                self.parts(&set).for_each(|busy| *busy = false);
                Some(reason)
            }
            Err(error) => match error.try_into_panic() {
                Ok(payload) => resume_unwind(payload),
                Err(_cancelled) => Some(None),
            },
        }
    }

    fn parts(&mut self, set: &[bool]) -> impl Iterator<Item = &mut bool> {
        let parts = self.busy.iter_mut().zip(set).filter(|(_, is_part)| **is_part);
        parts.map(|(busy, _)| busy)
    }
}
