//! Hooks that are not async: they run on threads that may block, so that they keep no other
//! service from running.
//!
//! The tasks of a scope include such a call until its thread has returned, since a thread
//! cannot be aborted.

use std::sync::Arc;
use std::time::Duration;

use super::Service;
use super::outcome::Outcome;
use super::scope::{Scope, ZERO_PERIOD};
use super::wiring::{Attachment, BoxFuture, Wiring};
use crate::error::{Error, Result};

/// A hook that runs once in each life of a service.
pub(crate) enum OnceHook {
    Async(BoxFuture<Result<()>>),
    /// May block its thread.
    Blocking(Box<dyn FnOnce() -> Result<()> + Send>),
}

impl OnceHook {
    /// The same hook, whose error becomes text where the hook runs, so that a report neither
    /// runs nor drops users' code.
    pub(crate) fn with_text(self) -> Self {
        let text = |error: Error| Error::msg(error.text());
        match self {
            Self::Async(hook) => Self::Async(Box::pin(async move { hook.await.map_err(text) })),
            Self::Blocking(hook) => Self::Blocking(Box::new(move || hook().map_err(text))),
        }
    }
}

impl Scope {
    /// Makes one call of a hook on a thread that may block, and returns its value unless it
    /// failed. The thread counts the failure, since the thread of the runtime may be blocked.
    pub(crate) async fn call_blocking<R: Send + 'static>(
        &self,
        hook: &'static str,
        call: impl FnOnce() -> Result<R> + Send + 'static,
    ) -> Option<R> {
        let (running, site) = (self.tasks().register(hook.into()), self.site(hook));
        let calls = self.calls(hook.into());
        let call = move || {
            let value = calls.value_now(|| site.call(call));
            drop(running);
            value
        };
        match tokio::task::spawn_blocking(call).await {
            Ok(value) => value,
            Err(ended) => {
                self.calls(hook.into()).failed(&ended.to_string());
                None
            }
        }
    }
}

impl<S: Service + Send + Sync> Wiring<S> {
    /// Adds the hook at the end of the start, which may block its thread.
    pub fn on_start_blocking<O: Outcome<()>>(
        &mut self,
        hook: impl FnOnce(&S, &Scope) -> O + Send + 'static,
    ) {
        self.wired.on_start = Some(self.once(hook));
    }

    /// Adds the hook that stops accepting work, which may block its thread.
    pub fn on_stop_blocking<O: Outcome<()>>(
        &mut self,
        hook: impl FnOnce(&S, &Scope) -> O + Send + 'static,
    ) {
        self.wired.on_stop = Some(self.once(hook));
    }

    /// Adds the hook after the tasks have ended, which may block its thread.
    pub fn on_stopped_blocking<O: Outcome<()>>(
        &mut self,
        hook: impl FnOnce(&S, &Scope) -> O + Send + 'static,
    ) {
        self.wired.on_stopped = Some(self.once(hook));
    }

    fn once<O: Outcome<()>>(
        &self,
        hook: impl FnOnce(&S, &Scope) -> O + Send + 'static,
    ) -> OnceHook {
        let (this, scope) = (self.service(), self.scope.clone());
        OnceHook::Blocking(Box::new(move || hook(&this, &scope).__outcome()))
    }

    /// Adds a hook that is called every `period`, and may block its thread.
    pub fn interval_blocking<O: Outcome<()>>(
        &mut self,
        name: &'static str,
        period: Duration,
        hook: impl Fn(&S, &Scope) -> O + Send + Sync + 'static,
    ) {
        let (this, own, hook) = (self.service(), self.scope.clone(), Arc::new(hook));
        let attach = move |scope: &Scope| {
            if period.is_zero() {
                return Err(Error::msg(ZERO_PERIOD));
            }
            let call = move || {
                let (this, own, hook) = (Arc::clone(&this), own.clone(), Arc::clone(&hook));
                async move {
                    let scope = own.clone();
                    let _counted =
                        own.call_blocking(name, move || hook(&this, &scope).__outcome()).await;
                }
            };
            scope.interval_named(name, period, call)?;
            Ok(())
        };
        self.wired.background.push(Attachment { name, attach: Box::new(attach) });
    }
}
