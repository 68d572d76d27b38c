//! Calls of users' code that may block: on a thread of its own, since the app's runtime may
//! be blocked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::sync::oneshot::{self, error::RecvError};
use tokio::time::timeout;

use crate::bus::with_current;
use crate::isolate::isolated;
use crate::service::AppContext;
use crate::sync::Mutex;
use crate::task::text_of;

/// Receives the result of a call on a thread, or the text of its panic.
pub(crate) type Returned<T> = oneshot::Receiver<Result<T, String>>;

/// Calls `f` on a thread that may block, in the app's runtime and with the app's bus as the
/// current one.
///
/// If the system cannot create a thread, a thread of the runtime calls `f`.
pub(crate) fn on_thread<T: Send + 'static>(
    context: &Arc<AppContext>,
    f: impl FnOnce() -> T + Send + 'static,
) -> Returned<T> {
    let (sender, returned) = oneshot::channel();
    let inside = Arc::clone(context);
    let call = move || {
        let _inside = inside.runtime.enter();
        // If the call took too long, nothing waits for it, and its result is dropped here. The
        // result may have the last reference to a service.
        if let Err(late) = sender.send(caught(|| with_current(&inside.bus, f))) {
            isolated(&"the drop of a late result", || drop(late));
        }
    };
    let call = Arc::new(Mutex::new(Some(call)));
    let thread = std::thread::Builder::new().name("sprag blocking".into());
    let on_thread = Arc::clone(&call);
    if thread.spawn(move || take(&on_thread)).is_err() {
        on_runtime(&context.runtime, move || take(&call));
    }
    returned
}

fn on_runtime(runtime: &Runtime, call: impl FnOnce() + Send + 'static) {
    drop(runtime.spawn(async move { call() }));
}

fn take(call: &Mutex<Option<impl FnOnce()>>) {
    let call = call.lock().take();
    if let Some(call) = call {
        call();
    }
}

/// Calls `f`, and returns the text of a panic as the error.
pub(crate) fn caught<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(text_of)
}

/// Waits for a result until `limit`; `None` if the call takes longer. The thread then drops the
/// result: the caller may be the supervisor, which drops no value of a user.
pub(crate) async fn in_time<T>(
    limit: Duration,
    mut returned: Returned<T>,
) -> Option<Result<Result<T, String>, RecvError>> {
    match timeout(limit, &mut returned).await {
        Ok(returned) => Some(returned),
        Err(_) => {
            returned.close();
            // The result may have come since.
            returned.try_recv().ok().map(Ok)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::bus::Bus;

    /// Panics when it is dropped, with a payload that panics when it is dropped.
    struct DroppedOutcome(Sender<()>);

    struct Shrapnel(Sender<()>);

    impl Drop for DroppedOutcome {
        fn drop(&mut self) {
            panic_any(Shrapnel(self.0.clone()));
        }
    }

    impl Drop for Shrapnel {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
            panic!("some panic");
        }
    }

    #[tokio::test]
    async fn s5_a_late_result_whose_drop_panics_does_not_end_the_process() {
        let context = AppContext::new("late", Runtime::current(), Bus::new());
        let ((go, gone), (dropped, is_dropped)) = (channel(), channel());
        let returned = on_thread(&context, move || {
            gone.recv().unwrap();
            DroppedOutcome(dropped)
        });
        assert!(in_time(Duration::ZERO, returned).await.is_none());
        go.send(()).unwrap();
        is_dropped.recv().unwrap();
        // The thread has a reference until its end.
        while Arc::strong_count(&context) > 1 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn s5_a_result_that_comes_at_its_limit_is_not_lost() {
        let (sender, returned) = oneshot::channel();
        assert!(sender.send(Ok(3)).is_ok());
        assert_eq!(in_time(Duration::ZERO, returned).await, Some(Ok(Ok(3))));
    }

    #[tokio::test]
    async fn s5_a_call_for_which_there_is_no_thread_runs_on_the_runtime() {
        let (sender, called) = oneshot::channel();
        on_runtime(&Runtime::current(), || sender.send(3).unwrap());
        assert_eq!(called.await, Ok(3));
    }
}
