//! [`HookSite`]: the context of a hook's calls: the app's bus as the current one, and the
//! span `hook{service=… hook=…}`.
//!
//! A subscriber of `tracing` creates, enters and leaves spans, and a subscriber is users'
//! code. A span is therefore created where the hook runs, and a hook survives a panic of
//! the subscriber.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tracing::Span;
use tracing::span::EnteredSpan;

use crate::bus::{Bus, with_current};
use crate::isolate::{discard, quietly};
use crate::task::TaskName;

/// The context in which the code of one hook runs.
#[derive(Clone)]
pub(crate) struct HookSite {
    bus: Bus,
    service: Arc<str>,
    hook: TaskName,
}

impl HookSite {
    pub(crate) fn new(bus: &Bus, service: &Arc<str>, hook: impl Into<TaskName>) -> Self {
        Self { bus: bus.clone(), service: Arc::clone(service), hook: hook.into() }
    }

    /// Makes one call of the hook.
    pub(crate) fn call<R>(&self, call: impl FnOnce() -> R) -> R {
        with_current(&self.bus, || self.span().call(call))
    }

    /// Runs `future` in one span.
    pub(crate) fn run<F: Future>(self, future: F) -> HookFuture<F> {
        HookFuture { site: self, span: None, future: Box::pin(future) }
    }

    fn span(&self) -> HookSpan {
        let make = || tracing::info_span!("hook", service = &*self.service, hook = &*self.hook);
        HookSpan { span: survived(make).filter(|span| !span.is_disabled()) }
    }
}

/// A future of a hook. Its span is created at the first poll.
pub(crate) struct HookFuture<F> {
    site: HookSite,
    span: Option<HookSpan>,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for HookFuture<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { site, span, future } = &mut *self;
        let span = span.get_or_insert_with(|| site.span());
        with_current(&site.bus, || span.call(|| future.as_mut().poll(context)))
    }
}

struct HookSpan {
    /// `None` if no subscriber wants the span, or the subscriber panicked.
    span: Option<Span>,
}

impl HookSpan {
    fn call<R>(&self, call: impl FnOnce() -> R) -> R {
        let Some(span) = &self.span else { return call() };
        let entered = survived(|| span.clone().entered());
        // The span is left before a panic continues: a subscriber that panics during a
        // panic would abort the process.
        let result = catch_unwind(AssertUnwindSafe(call));
        quietly(|| drop::<Option<EnteredSpan>>(entered));
        result.unwrap_or_else(|payload| resume_unwind(payload))
    }
}

impl Drop for HookSpan {
    fn drop(&mut self) {
        quietly(|| drop(self.span.take()));
    }
}

/// The value of `f`, unless the subscriber panicked.
fn survived<V>(f: impl FnOnce() -> V) -> Option<V> {
    catch_unwind(AssertUnwindSafe(f)).map_err(discard).ok()
}
