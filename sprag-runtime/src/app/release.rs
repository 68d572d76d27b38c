//! Releases what a service owns, youngest first, whatever hangs or panics.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::budget::Budget;
use super::report::{Ended, Step};
use super::step::{caught, on_thread};
use crate::service::Scope;

type Go = std::sync::mpsc::Sender<()>;
type Released = mpsc::UnboundedReceiver<Result<(), String>>;

/// Empties the scope's stack. What does not end as it should is reported.
///
/// One thread releases one thing after the other, each when it is told to. When one
/// takes too long that thread is given up, and another goes on with the rest: never
/// are two at it.
pub(crate) async fn release(scope: &Scope, limit: Duration, budget: Budget) -> Vec<Step> {
    let mut steps = Vec::new();
    loop {
        let (go, mut released) = one_thread(scope);
        loop {
            let began = Instant::now();
            // Fails once the stack is empty, as the answer tells.
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

/// A thread that releases one thing for each `()`, until the stack is empty or it was
/// given up. A thread that was given up takes nothing more from the stack.
fn one_thread(scope: &Scope) -> (Go, Released) {
    let ((go, next), (tell, told)) = (std::sync::mpsc::channel(), mpsc::unbounded_channel());
    let (scope, runtime) = (scope.clone(), scope.context().runtime.clone());
    tokio::task::spawn_blocking(move || {
        let _inside = runtime.enter();
        while next.recv().is_ok() {
            let Some(entry) = scope.stack().pop() else { return };
            if tell.send(caught(entry)).is_err() {
                return;
            }
        }
    });
    (go, told)
}

fn failed_step(ended: Ended, error: Option<String>, began: Instant) -> Step {
    Step { name: "release".into(), ended, error, took: began.elapsed() }
}

/// Ends the scope's subscriptions, whose closures are the user's to drop.
pub(crate) async fn unsubscribe(scope: &Scope, limit: Duration, budget: Budget) -> Option<Step> {
    let began = Instant::now();
    let ending = scope.clone();
    let ended = on_thread(&scope.context().runtime, move || ending.unsubscribe());
    let (ended, error) = match timeout(budget.limit(limit), ended).await {
        Ok(Ok(Ok(()))) => return None,
        Ok(Ok(Err(text))) => (Ended::Panicked, Some(text)),
        Ok(Err(_)) | Err(_) => (Ended::Leaked, None),
    };
    Some(Step { name: "unsubscribe".into(), ended, error, took: began.elapsed() })
}
