//! [`Standing`]: whether a logged model is the state of its log.

use std::sync::Arc;

/// Whether a logged model is current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The model follows the log.
    Current,
    /// The log is out of reach, with the reason. The model recovers by itself.
    Away(Arc<str>),
    /// The model can no longer follow the log, with the reason.
    Ended(Arc<str>),
    Stopped,
}

impl Standing {
    /// The reason if the model is not current.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Current => None,
            Self::Away(reason) | Self::Ended(reason) => Some(reason),
            Self::Stopped => Some("stopped"),
        }
    }
}
