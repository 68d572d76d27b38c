//! Runs the health checks of an app's services.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::health::AppHealth;
use super::shared::AppState;
use super::step::{StepEnd, step};
use crate::service::Health;

/// How each cell is, all asked at the same time.
pub(crate) async fn check_all(app: &Arc<AppState>) -> AppHealth {
    let mut answers = vec![Health::unhealthy("it is not running"); app.services.len()];
    if let Some(supervisor) = app.supervisor.get() {
        let mut asking = JoinSet::new();
        for at in 0..app.services.len() {
            let app = Arc::clone(app);
            asking.spawn_on(async move { (at, ask(&app, at).await) }, supervisor);
        }
        // Those who cannot be asked, since the supervisor has ended, do not run.
        while let Some(answer) = asking.join_next().await {
            if let Ok((at, Some(health))) = answer {
                answers[at] = health;
            }
        }
    }
    let names = app.services.iter().map(|cell| Arc::clone(&cell.name));
    AppHealth { services: names.zip(answers).collect() }
}

/// How a cell is; `None` if it does not run.
async fn ask(app: &AppState, at: usize) -> Option<Health> {
    let check = app.services[at].state(|state| state.running.then(|| state.health.clone()))?;
    let Some(check) = check else { return Some(Health::Healthy) };
    // The hook's own future is made on the app's runtime too.
    let asked = Box::pin(async move { check().await });
    let limit = app.limits.stop_hook;
    let end = step(&app.context.runtime, asked, limit, &CancellationToken::new()).await;
    Some(match end {
        StepEnd::Done(health) => health,
        StepEnd::Failed(error) => Health::Unhealthy(error.text()),
        StepEnd::Panicked(text) => Health::Unhealthy(format!("its health check panicked: {text}")),
        StepEnd::TimedOut | StepEnd::Leaked => {
            Health::Unhealthy(format!("its health check took longer than {limit:?}"))
        }
        StepEnd::Cancelled | StepEnd::RuntimeEnded => return None,
    })
}
