//! Deadlines, seeds, faults and skips for tests.
//!
//! A test that hangs fails and names itself, instead of blocking the suite. Both forms of a
//! deadline measure the real time, so that a paused tokio clock does not matter.

pub mod faults;
mod seeds;
mod skips;

use std::future::poll_fn;
use std::io::{Write, stderr};
use std::panic::resume_unwind;
use std::pin::pin;
use std::process::abort;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

pub use self::seeds::each_seed;
pub use self::skips::skip;

/// Runs `test` on a thread of its own and returns its result.
///
/// # Panics
///
/// With the payload of `test` when `test` panics, and with the test's name when `test`
/// takes longer than `limit`. The thread of `test` then stays behind.
#[track_caller]
pub fn within<R: Send + 'static>(limit: Duration, test: impl FnOnce() -> R + Send + 'static) -> R {
    let name = test_name();
    let (sender, result) = channel();
    let run = move || drop(sender.send(test()));
    let thread = thread::Builder::new().name(name.clone()).spawn(run).expect("a thread starts");
    match result.recv_timeout(limit) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("`{name}` hangs: not done within {limit:?}"),
        // `test` panicked, which dropped the sender.
        Err(RecvTimeoutError::Disconnected) => {
            resume_unwind(thread.join().expect_err("the test panicked"))
        }
    }
}

/// Awaits `test` and returns its result.
///
/// # Panics
///
/// With the test's name when `test` takes longer than `limit`. A `test` that blocks its
/// thread, or whose drop blocks, for a minute after that ends the process, with the name too.
pub async fn within_async<F: Future>(limit: Duration, test: F) -> F::Output {
    let name = test_name();
    // Dropped after the test, so that the alarm also ends a drop that blocks.
    let mut alarm = None;
    let mut test = pin!(test);
    poll_fn(|cx| {
        if let Poll::Ready(result) = test.as_mut().poll(cx) {
            return Poll::Ready(result);
        }
        let alarm = alarm.get_or_insert_with(|| Alarm::after(limit, &name, cx.waker().clone()));
        assert!(!alarm.rang(), "`{name}` hangs: not done within {limit:?}");
        Poll::Pending
    })
    .await
}

/// How long after its deadline a test that neither ends nor panics ends the process.
const GRACE: Duration = Duration::from_secs(60);

/// A thread that wakes a task once, and ends the process a while later, unless the alarm is
/// dropped before.
struct Alarm {
    rang: Arc<AtomicBool>,
    /// Dropped with the alarm, which ends the thread.
    _stop: Sender<()>,
}

impl Alarm {
    fn after(limit: Duration, name: &str, waker: Waker) -> Self {
        let rang = Arc::new(AtomicBool::new(false));
        let (stop, stopped) = channel::<()>();
        let (flag, name) = (Arc::clone(&rang), name.to_owned());
        thread::spawn(move || {
            if stopped.recv_timeout(limit) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            flag.store(true, Ordering::SeqCst);
            waker.wake();
            if stopped.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
                // The macros print to the output that the harness captures.
                let _ = writeln!(stderr(), "`{name}` hangs and blocks its thread");
                abort();
            }
        });
        Self { rang, _stop: stop }
    }

    fn rang(&self) -> bool {
        self.rang.load(Ordering::SeqCst)
    }
}

/// The test harness names a test's thread after the test.
fn test_name() -> String {
    thread::current().name().unwrap_or("a test").to_owned()
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
    use std::sync::Barrier;

    use super::*;

    fn message(payload: Box<dyn std::any::Any + Send>) -> String {
        *payload.downcast::<String>().expect("a formatted message")
    }

    #[test]
    fn a_test_that_ends_in_time_returns_its_result() {
        assert_eq!(within(Duration::from_secs(60), || 7), 7);
    }

    #[test]
    fn a_hang_is_a_panic_with_the_name_of_the_test() {
        let hung = catch_unwind(|| {
            within(Duration::from_millis(1), || {
                Barrier::new(2).wait();
            });
        });
        let message = message(hung.expect_err("nobody else comes to the barrier"));
        assert!(message.contains("a_hang_is_a_panic_with_the_name_of_the_test"), "{message}");
    }

    #[test]
    fn a_panic_is_passed_on() {
        let panicked = catch_unwind(|| within(Duration::from_secs(60), || panic_any(7)));
        let payload = panicked.expect_err("the closure panics");
        assert_eq!(payload.downcast_ref(), Some(&7));
    }

    #[test]
    fn a_future_that_ends_in_time_returns_its_result() {
        assert_eq!(pollster::block_on(within_async(Duration::from_secs(60), async { 7 })), 7);
    }

    #[test]
    fn a_future_that_never_ends_is_a_panic_with_the_name_of_the_test() {
        let hangs = within_async(Duration::from_millis(1), pending::<()>());
        let hung = catch_unwind(AssertUnwindSafe(|| pollster::block_on(hangs)));
        let message = message(hung.expect_err("the future never ends"));
        assert!(message.contains("a_future_that_never_ends"), "{message}");
    }
}
