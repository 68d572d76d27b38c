//! Watchers: methods whose values or streams a service observes, with backoff.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use futures_core::Stream;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Service;
use super::hook_calls::HookCalls;
use super::running_calls::RunningCall;
use super::scope::Scope;
use super::wiring::{Attachment, BoxFuture, Wiring};
use crate::error::{BoxError, Error, Result};
use crate::model::Model;
use crate::path::State;
use crate::store::Store;
use crate::sync::Mutex;

/// The first delay before a stream is opened again.
const RETRY: Duration = Duration::from_millis(100);
const LONGEST_RETRY: Duration = Duration::from_secs(30);
/// The longest delay after polls that failed, unless the period is longer.
const LONGEST_POLL: Duration = Duration::from_secs(60);

/// The target of `#[watch(into = field)]`, which receives the watched values: a [`Store`]
/// or a [`Model`].
#[diagnostic::on_unimplemented(
    message = "`#[watch(into = …)]` cannot write into a `{Self}`",
    label = "not a `Store` or a `Model`",
    note = "name a field that is a `Store` or a `Model`, or a method: `#[watch(call = changed)]`"
)]
pub trait WatchTarget {
    /// The type of the values.
    type Value: Clone + PartialEq + Send + Sync + 'static;

    /// Writes `value`, unless it equals the present value.
    #[doc(hidden)]
    fn __put(&self, value: Self::Value);
}

#[diagnostic::do_not_recommend]
impl<T: Clone + PartialEq + Send + Sync + 'static> WatchTarget for Store<T> {
    type Value = T;

    fn __put(&self, value: T) {
        if self.read(|now| *now != value) {
            drop(self.replace(value));
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: State + Clone + PartialEq + Send + Sync> WatchTarget for Model<T> {
    type Value = T;

    fn __put(&self, value: T) {
        if self.read(|now| *now != value) {
            drop(self.replace(value));
        }
    }
}

/// A value that `#[watch(poll = …)]` compares with the one before.
#[diagnostic::on_unimplemented(
    message = "`#[watch(poll = …)]` cannot watch a `{Self}`",
    label = "not `PartialEq`, `Send` and `Sync`",
    note = "a watch compares each value with the one before, and passes it to other threads: derive `PartialEq`, and use shareable types, such as an `Arc` instead of an `Rc`"
)]
pub trait WatchedValue: PartialEq + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: PartialEq + Send + Sync + 'static> WatchedValue for T {}

/// An item of a stream, or a `Result` of it, that a watcher passes on as a `T`.
#[diagnostic::on_unimplemented(
    message = "the stream of this `#[watch]` has items of type `{Self}`, and not `{T}`",
    label = "expected `{Self}`",
    note = "a watch passes an item by value, and the value of an item that is a `Result`"
)]
pub trait WatchedItem<T> {
    /// Converts this to a result with the boxed error.
    #[doc(hidden)]
    fn __item(self) -> Result<T>;
}

#[diagnostic::do_not_recommend]
impl<T> WatchedItem<T> for T {
    fn __item(self) -> Result<T> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: Into<BoxError>> WatchedItem<T> for std::result::Result<T, E> {
    fn __item(self) -> Result<T> {
        self.map_err(Error::new)
    }
}

impl<S: Service + Send + Sync> Wiring<S> {
    /// Polls an async method. `changed` is called with the earlier value, except the first
    /// time, and the new one.
    pub fn watch_poll<T, Poll, Fut>(
        &mut self,
        name: &'static str,
        period: Duration,
        poll: impl Fn(Arc<S>, Scope) -> Poll + Send + Sync + 'static,
        changed: impl Fn(Arc<S>, Option<Arc<T>>, Arc<T>, Scope) -> Fut + Send + Sync + 'static,
    ) where
        T: WatchedValue,
        Poll: Future<Output = Result<T>> + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let (this, scope) = (self.service(), self.scope.clone());
        let (calls, poll) = (Arc::new(scope.calls(name.into())), Arc::new(poll));
        let poll = move || -> BoxFuture<Option<T>> {
            let (this, scope) = (Arc::clone(&this), scope.clone());
            let (calls, poll) = (Arc::clone(&calls), Arc::clone(&poll));
            Box::pin(async move { calls.value(async { poll(this, scope).await }).await })
        };
        self.add_poll(name, period, poll, changed);
    }

    /// Like [`watch_poll`](Self::watch_poll), for a method that may block its thread.
    pub fn watch_poll_blocking<T, Fut>(
        &mut self,
        name: &'static str,
        period: Duration,
        poll: impl Fn(&S, &Scope) -> Result<T> + Send + Sync + 'static,
        changed: impl Fn(Arc<S>, Option<Arc<T>>, Arc<T>, Scope) -> Fut + Send + Sync + 'static,
    ) where
        T: WatchedValue,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let (this, scope, poll) = (self.service(), self.scope.clone(), Arc::new(poll));
        let poll = move || -> BoxFuture<Option<T>> {
            let (this, scope, poll) = (Arc::clone(&this), scope.clone(), Arc::clone(&poll));
            Box::pin(async move {
                let own = scope.clone();
                own.call_blocking(name, move || poll(&this, &scope)).await
            })
        };
        self.add_poll(name, period, poll, changed);
    }

    fn add_poll<T, Fut>(
        &mut self,
        name: &'static str,
        period: Duration,
        poll: impl Fn() -> BoxFuture<Option<T>> + Send + Sync + 'static,
        changed: impl Fn(Arc<S>, Option<Arc<T>>, Arc<T>, Scope) -> Fut + Send + Sync + 'static,
    ) where
        T: WatchedValue,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let (this, own) = (self.service(), self.scope.clone());
        let attach = move |scope: &Scope| {
            if period.is_zero() {
                return Err(Error::msg("a watch needs a period longer than zero"));
            }
            let (calls, stop) = (own.calls(name.into()), scope.token().clone());
            let changed = move |before, now| changed(Arc::clone(&this), before, now, own.clone());
            scope.spawn_named(name, poll_for_ever(period, calls, stop, poll, changed))?;
            Ok(())
        };
        self.wired.background.push(Attachment { name, attach: Box::new(attach) });
    }

    /// Opens a stream, and opens it again whenever it ends or fails.
    ///
    /// `follow` opens the stream and passes on its items; it returns at the stream's end.
    pub fn watch_stream<Fut>(
        &mut self,
        name: &'static str,
        follow: impl Fn(Arc<S>, Scope, StreamItems) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let (this, own) = (self.service(), self.scope.clone());
        let attach = move |scope: &Scope| {
            let items = StreamItems {
                calls: Arc::new(own.calls(name.into())),
                stop: scope.token().clone(),
                progress: Arc::default(),
                opening: Arc::default(),
            };
            scope.spawn_named(name, async move {
                let open = || follow(Arc::clone(&this), own.clone(), items.clone());
                follow_for_ever(&items, open).await;
            })?;
            Ok(())
        };
        self.wired.background.push(Attachment { name, attach: Box::new(attach) });
    }
}

/// Polls, and calls `changed` with each value that differs from the one before. `poll` counts
/// its failures and is `None` then.
async fn poll_for_ever<T: PartialEq, Fut: Future<Output = Result<()>>>(
    period: Duration,
    calls: HookCalls,
    stop: CancellationToken,
    poll: impl Fn() -> BoxFuture<Option<T>>,
    changed: impl Fn(Option<Arc<T>>, Arc<T>) -> Fut,
) {
    let (mut known, mut failed) = (None::<Arc<T>>, 0);
    loop {
        let running = calls.begin();
        let polled = poll().await;
        drop(running);
        let compared = polled.and_then(|value| {
            calls.value_now(|| {
                let is_known = known.as_deref().is_some_and(|known| *known == value);
                Ok((!is_known).then(|| Arc::new(value)))
            })
        });
        match compared {
            Some(Some(now)) => {
                failed = 0;
                let before = known.replace(Arc::clone(&now));
                calls.count(async { changed(before, now).await }).await;
            }
            Some(None) => failed = 0,
            None => failed += 1,
        }
        let pause = if failed == 0 { period } else { backoff(period, LONGEST_POLL, failed) };
        if stop.run_until_cancelled(sleep(pause)).await.is_none() {
            return;
        }
    }
}

/// Opens the stream again and again. The backoff starts again after a stream that has
/// produced an item.
async fn follow_for_ever<Fut: Future<Output = Result<()>>>(
    items: &StreamItems,
    open: impl Fn() -> Fut,
) {
    let mut fruitless = 0;
    loop {
        *items.opening.lock() = Some(items.calls.begin());
        let _failed = items.calls.value(async { open().await }).await.is_none();
        items.opened();
        let progress = items.progress.swap(false, Ordering::Relaxed);
        fruitless = if progress { 0 } else { fruitless + 1 };
        let pause = sleep(backoff(RETRY, LONGEST_RETRY, fruitless));
        if items.stop.run_until_cancelled(pause).await.is_none() {
            return;
        }
    }
}

/// The delay number `times`: `first`, doubled each time, with a random part; at most
/// `longest`, unless `first` is longer.
fn backoff(first: Duration, longest: Duration, times: usize) -> Duration {
    let delays = ExponentialBuilder::default()
        .with_min_delay(first)
        .with_max_delay(longest.max(first))
        .with_jitter()
        .without_max_times();
    // After 64 doublings every delay is the longest one.
    delays.build().nth(times.min(64)).unwrap_or(longest)
}

/// Passes on the items of one opened stream. For generated code.
#[derive(Clone)]
pub struct StreamItems {
    calls: Arc<HookCalls>,
    stop: CancellationToken,
    /// Whether the stream has produced an item since it was opened.
    progress: Arc<AtomicBool>,
    /// The call that opens the stream, until the stream is open.
    opening: Arc<Mutex<Option<RunningCall>>>,
}

impl StreamItems {
    /// Calls `handle` with each item, until the stream ends, an item is an error, or the
    /// service's tasks are cancelled. An error of `handle` does not end the loop.
    ///
    /// `take` is [`WatchedItem::__item`]: a bound would add this function to messages.
    pub async fn each<T, St, Fut>(
        &self,
        stream: St,
        take: impl Fn(St::Item) -> Result<T>,
        handle: impl Fn(T) -> Fut,
    ) -> Result<()>
    where
        St: Stream,
        Fut: Future<Output = Result<()>>,
    {
        self.opened();
        let mut stream = pin!(stream);
        loop {
            let next = std::future::poll_fn(|cx| stream.as_mut().poll_next(cx));
            let Some(Some(item)) = self.stop.run_until_cancelled(next).await else {
                return Ok(());
            };
            let item = take(item)?;
            self.progress.store(true, Ordering::Relaxed);
            self.calls.count(async { handle(item).await }).await;
        }
    }

    /// Writes each item into `target`.
    pub async fn each_into<W: WatchTarget, St: Stream>(
        &self,
        target: &W,
        stream: St,
        take: impl Fn(St::Item) -> Result<W::Value>,
    ) -> Result<()> {
        self.each(stream, take, |item| async {
            target.__put(item);
            Ok(())
        })
        .await
    }
}

impl StreamItems {
    /// Ends the call that opens the stream.
    fn opened(&self) {
        let opening = self.opening.lock().take();
        drop(opening);
    }
}

impl std::fmt::Debug for StreamItems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamItems").finish_non_exhaustive()
    }
}

/// A stream that `#[watch]` can observe. The trait exists for its message, which a bound on
/// a function would extend by the function.
#[diagnostic::on_unimplemented(
    message = "`#[watch]` without `poll` follows a stream, and `{Self}` is not a stream",
    label = "not a stream",
    note = "return an `impl Stream`, or write `poll = \"5s\"` to call the method every 5 s"
)]
pub trait FollowedStream {
    /// The stream.
    type Stream: Stream;

    /// The stream.
    #[doc(hidden)]
    fn __followed(self) -> Self::Stream;
}

#[diagnostic::do_not_recommend]
impl<S: Stream> FollowedStream for S {
    type Stream = S;

    fn __followed(self) -> S {
        self
    }
}

/// Unwraps the stream that a fallible method has opened.
pub fn opened<St, E: Into<BoxError>>(stream: Result<St, E>) -> Result<St> {
    stream.map_err(Error::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_the_backoff_doubles_up_to_its_limit_and_is_never_shorter_than_the_period() {
        let second = Duration::from_secs(1);
        for (times, least) in [(0, 1), (1, 2), (3, 8), (1_000, 30)] {
            let delay = backoff(second, 30 * second, times);
            assert!(delay >= least * second && delay <= 2 * least * second, "{times}: {delay:?}");
        }
        assert!(backoff(90 * second, 60 * second, 5) >= 90 * second);
    }

    /// How often a stream is opened within ten minutes, if only the openings whose number
    /// `has_item` bring one.
    #[cfg(feature = "test")]
    async fn openings(has_item: fn(usize) -> bool) -> usize {
        let scope = Scope::new("player");
        let items = items(&scope);
        let count = std::cell::Cell::new(0);
        let open = || async {
            count.set(count.get() + 1);
            items.progress.store(has_item(count.get()), Ordering::Relaxed);
            Ok(())
        };
        let minutes = Duration::from_secs(600);
        let ended = tokio::time::timeout(minutes, follow_for_ever(&items, open)).await;
        assert!(ended.is_err(), "it goes on for ever");
        count.get()
    }

    #[cfg(feature = "test")]
    #[tokio::test(start_paused = true)]
    async fn s10_a_stream_without_items_is_opened_ever_less_often() {
        // Nine delays up to 30 s, and then one of 30 to 60 s each.
        let fruitless = openings(|_| false).await;
        assert!((15..=32).contains(&fruitless), "{fruitless}");
        // Delays of 100 to 200 ms.
        let fruitful = openings(|_| true).await;
        assert!((2_900..=6_100).contains(&fruitful), "{fruitful}");
        let alternating = openings(|number| number.is_multiple_of(2)).await;
        assert!((1_500..=6_100).contains(&alternating), "{alternating}");
    }

    /// How often a method is polled within ten minutes, every second.
    #[cfg(feature = "test")]
    async fn polls(poll: fn() -> Option<u8>) -> usize {
        let (scope, count) = (Scope::new("player"), Arc::new(std::sync::Mutex::new(0)));
        let counted = Arc::clone(&count);
        let poll = move || -> BoxFuture<Option<u8>> {
            *counted.lock().unwrap() += 1;
            Box::pin(std::future::ready(poll()))
        };
        let (calls, stop) = (scope.calls("poll".into()), CancellationToken::new());
        let changed = |_, _| std::future::ready(Ok(()));
        let polling = poll_for_ever(Duration::from_secs(1), calls, stop, poll, changed);
        assert!(tokio::time::timeout(Duration::from_secs(600), polling).await.is_err());
        *count.lock().unwrap()
    }

    #[cfg(feature = "test")]
    #[tokio::test(start_paused = true)]
    async fn s10_a_method_that_fails_is_polled_ever_less_often() {
        let well = polls(|| Some(3)).await;
        assert!((598..=601).contains(&well), "{well}");
        // Six delays up to 60 s, and then one of 60 to 120 s each.
        let failing = polls(|| None).await;
        assert!((8..=17).contains(&failing), "{failing}");
    }

    #[tokio::test]
    async fn s9_a_stream_is_no_running_call_once_it_is_open() {
        /// Ends at once, and notes how many calls run.
        struct Empty<'a>(&'a Scope, &'a std::cell::Cell<Option<usize>>);

        impl Stream for Empty<'_> {
            type Item = u8;

            fn poll_next(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<u8>> {
                self.1.set(Some(self.0.running_calls().all().len()));
                std::task::Poll::Ready(None)
            }
        }

        let (scope, running) = (Scope::new("player"), std::cell::Cell::new(None));
        let items = items(&scope);
        *items.opening.lock() = Some(items.calls.begin());
        assert_eq!(scope.running_calls().all().len(), 1);
        let handle = |_| std::future::ready(Ok(()));
        items.each(Empty(&scope, &running), Ok, handle).await.unwrap();
        assert_eq!(running.get(), Some(0));
    }

    fn items(scope: &Scope) -> StreamItems {
        StreamItems {
            calls: Arc::new(scope.calls("follow".into())),
            stop: CancellationToken::new(),
            progress: Arc::default(),
            opening: Arc::default(),
        }
    }
}
