//! [`Guarded`]: a future whose panics are caught, both of polls and of the drop.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::Error;
use crate::isolate::{Payload, discard, isolated, message};

/// How a user's future ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Verdict {
    Finished,
    Failed,
    Panicked,
    Aborted,
}

/// The end of a guarded future.
pub(crate) enum GuardedEnd<T> {
    Value(T),
    Failed(TaskFailure),
    Panicked(String),
}

/// A user's error and its text. The `Display` of an error is users' code, so the thread
/// that ran the future makes the text, and not the thread that reports the error.
pub(crate) struct TaskFailure {
    pub(crate) error: Error,
    pub(crate) text: String,
}

impl From<Error> for TaskFailure {
    fn from(error: Error) -> Self {
        let text = error.text();
        Self { error, text }
    }
}

impl<T> GuardedEnd<T> {
    /// Makes a call, and catches its panic.
    pub(crate) fn of(call: impl FnOnce() -> Result<T, Error>) -> Self {
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(Ok(value)) => Self::Value(value),
            Ok(Err(error)) => Self::Failed(error.into()),
            Err(payload) => Self::Panicked(text_of(payload)),
        }
    }

    /// The verdict, and the failure where there is one.
    pub(crate) fn split(self) -> (Verdict, Option<TaskFailure>) {
        match self {
            Self::Value(_) => (Verdict::Finished, None),
            Self::Failed(failure) => (Verdict::Failed, Some(failure)),
            Self::Panicked(text) => (Verdict::Panicked, Some(Error::msg(panicked(&text)).into())),
        }
    }
}

/// The message about a panic.
pub(crate) fn panicked(text: &str) -> String {
    format!("panicked: {text}")
}

/// Polls a future under `catch_unwind`, and drops it under `catch_unwind`.
pub(crate) struct Guarded<F> {
    /// `None` once the future has ended.
    future: Option<Pin<Box<F>>>,
}

impl<F> Guarded<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Some(Box::pin(future)) }
    }

    fn discard(&mut self) {
        if let Some(future) = self.future.take() {
            isolated(&"the drop of a task", || drop(future));
        }
    }
}

impl<T, F: Future<Output = Result<T, Error>>> Future for Guarded<F> {
    type Output = GuardedEnd<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<GuardedEnd<T>> {
        let Some(future) = self.future.as_mut() else { return Poll::Pending };
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        let end = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(value))) => GuardedEnd::Value(value),
            Ok(Poll::Ready(Err(error))) => GuardedEnd::Failed(error.into()),
            Err(payload) => GuardedEnd::Panicked(text_of(payload)),
        };
        self.discard();
        Poll::Ready(end)
    }
}

impl<F> Drop for Guarded<F> {
    fn drop(&mut self) {
        self.discard();
    }
}

/// The text of a panic. The payload is dropped under `catch_unwind`.
pub(crate) fn text_of(payload: Payload) -> String {
    let text = message(&payload).to_owned();
    discard(payload);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A future whose drop panics.
    struct Bomb;

    impl Future for Bomb {
        type Output = Result<u8, Error>;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            Poll::Ready(Ok(3))
        }
    }

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("some panic");
        }
    }

    #[test]
    fn s5_a_future_whose_drop_panics_has_its_result_and_disturbs_nobody() {
        let end = pollster::block_on(Guarded::new(Bomb));
        assert!(matches!(end, GuardedEnd::Value(3)));
        drop(Guarded::new(Bomb));
    }
}
