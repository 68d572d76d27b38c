//! [`Standing`]: whether a logged model is the state of its log.

use std::sync::Arc;

use sprag_runtime::service::Health;
use tokio::time::Instant;

/// Whether a logged model is current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The model follows the log.
    Current,
    /// The log is out of reach. The model recovers by itself.
    Away {
        reason: Arc<str>,
        since: Instant,
    },
    /// The model can no longer follow the log, with the reason.
    Ended(Arc<str>),
    Stopped,
}

impl Standing {
    /// The reason if the model is not current.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Current => None,
            Self::Away { reason, .. } | Self::Ended(reason) => Some(reason),
            Self::Stopped => Some("stopped"),
        }
    }

    /// The health of the log `name`.
    pub(crate) fn health(&self, name: &str) -> Health {
        match self {
            Self::Current => Health::Healthy,
            Self::Away { reason, since } => {
                let seconds = since.elapsed().as_secs();
                Health::degraded(format!("{name}: not current for {seconds} s: {reason}"))
            }
            Self::Ended(reason) => Health::unhealthy(format!("{name}: {reason}")),
            Self::Stopped => Health::unhealthy(format!("{name} is stopped")),
        }
    }
}
