//! Calls of users' code that may block: on a thread of its own, since the app's runtime may
//! be blocked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::runtime::Handle as Runtime;
use tokio::sync::oneshot;

use crate::bus::with_current;
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
        // If the call took too long, nothing waits for it, and its result is dropped here.
        drop(sender.send(caught(|| with_current(&inside.bus, f))));
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
