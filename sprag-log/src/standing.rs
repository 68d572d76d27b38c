//! [`Standing`]: whether a logged model is the state of its log.

use std::sync::Arc;

/// Whether a logged model is current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It follows the log.
    Current,
    /// The log is out of reach; the reason. It heals by itself.
    Away(Arc<str>),
    /// It does not follow the log any more; the reason.
    Ended(Arc<str>),
    Stopped,
}

impl Standing {
    /// The reason for not being current.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Current => None,
            Self::Away(reason) | Self::Ended(reason) => Some(reason),
            Self::Stopped => Some("stopped"),
        }
    }
}
