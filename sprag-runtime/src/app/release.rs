//! Releases the resources of a service, youngest first, even if one hangs or panics.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::budget::Budget;
use super::report::{Ended, Step};
use super::thread::{caught, on_thread};
use crate::service::Scope;

type Go = std::sync::mpsc::Sender<()>;
type Released = mpsc::UnboundedReceiver<Result<(), String>>;

/// Empties the scope's stack. Each release that does not finish becomes a step of the
/// report.
///
/// One thread releases the resources in turn, one for each `()` that it receives. When a
/// release takes too long, that thread is abandoned and another one continues, so that at
/// most one thread releases at a time.
pub(crate) async fn release(scope: &Scope, limit: Duration, budget: Budget) -> Vec<Step> {
    let mut steps = Vec::new();
    loop {
        let (go, mut released) = one_thread(scope);
        loop {
            let began = Instant::now();
            // Fails once the stack is empty; the answer below reports that.
            let _ended = go.send(()).is_err();
            match timeout(budget.limit(limit), released.recv()).await {
                Ok(Some(Ok(()))) => {}
                Ok(Some(Err(text))) => steps.push(failed_step(Ended::Panicked, Some(text), began)),
                Ok(None) => return steps,
                Err(_) => {
                    steps.push(failed_step(Ended::Leaked, None, began));
                    break;
                }
            }
        }
    }
}

/// Spawns a thread that releases one resource for each `()`, until the stack is empty or
/// the thread is abandoned. An abandoned thread takes nothing more from the stack.
fn one_thread(scope: &Scope) -> (Go, Released) {
    let ((go, next), (answer, released)) = (std::sync::mpsc::channel(), mpsc::unbounded_channel());
    let (scope, context, site) =
        (scope.clone(), Arc::clone(scope.context()), scope.site("release"));
    drop(on_thread(&context, move || {
        while next.recv().is_ok() {
            let Some(entry) = scope.stack().pop() else { return };
            if answer.send(caught(|| site.call(entry))).is_err() {
                return;
            }
        }
    }));
    (go, released)
}

fn failed_step(ended: Ended, error: Option<String>, began: Instant) -> Step {
    Step::new("release", ended, error, began.elapsed())
}
