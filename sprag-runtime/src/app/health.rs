//! Asks a crew's services how they are.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::crew::Crew;
use super::report::AppHealth;
use super::step::{StepEnd, step};
use crate::service::Health;

/// How each member is, all asked at the same time.
pub(crate) async fn health(crew: &Arc<Crew>) -> AppHealth {
    let mut answers = vec![Health::unhealthy("it is not running"); crew.members.len()];
    if let Some(supervisor) = crew.supervisor.get() {
        let mut asking = JoinSet::new();
        for at in 0..crew.members.len() {
            let crew = Arc::clone(crew);
            asking.spawn_on(async move { (at, ask(&crew, at).await) }, supervisor);
        }
        // Those who cannot be asked, since the supervisor has ended, do not run.
        while let Some(answer) = asking.join_next().await {
            if let Ok((at, Some(health))) = answer {
                answers[at] = health;
            }
        }
    }
    let names = crew.members.iter().map(|member| Arc::clone(&member.name));
    AppHealth { services: names.zip(answers).collect() }
}

/// How a member is; `None` if it does not run.
async fn ask(crew: &Crew, at: usize) -> Option<Health> {
    let check = crew.members[at].state(|state| state.running.then(|| state.health.clone()))?;
    let Some(check) = check else { return Some(Health::Healthy) };
    // The hook's own future is made on the app's runtime too.
    let asked = Box::pin(async move { check().await });
    let limit = crew.limits.stop_hook;
    let end = step(&crew.link.runtime, asked, limit, &CancellationToken::new()).await;
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
