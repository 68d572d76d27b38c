//! [`Health`]: what a service says of itself.

use std::fmt;

use crate::error::{BoxError, Error};

/// How well a service, or a whole app, is doing. Worse is greater.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// It does its work.
    #[default]
    Healthy,
    /// It works, but not as it should, for the reason given.
    Degraded(String),
    /// It does not do its work, for the reason given.
    Unhealthy(String),
}

impl Health {
    /// It works, but not as it should.
    pub fn degraded(reason: impl Into<String>) -> Self {
        Self::Degraded(reason.into())
    }

    /// It does not do its work.
    pub fn unhealthy(reason: impl Into<String>) -> Self {
        Self::Unhealthy(reason.into())
    }

    /// Whether nothing is wrong.
    pub fn is_healthy(&self) -> bool {
        matches!(self, Self::Healthy)
    }

    /// Why it is not healthy.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Healthy => None,
            Self::Degraded(reason) | Self::Unhealthy(reason) => Some(reason),
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Healthy => f.write_str("healthy"),
            Self::Degraded(reason) => write!(f, "degraded: {reason}"),
            Self::Unhealthy(reason) => write!(f, "unhealthy: {reason}"),
        }
    }
}

/// What a `#[health]` hook may return: a [`Health`], nothing, or a `Result` of
/// these, whose error is the reason why it is unhealthy.
#[diagnostic::on_unimplemented(
    message = "`#[health]` cannot return a `{Self}`",
    label = "not a `Health`",
    note = "return `Health`, or a `Result` whose error says why it is unhealthy"
)]
pub trait IntoHealth {
    /// As a health.
    fn into_health(self) -> Health;
}

impl IntoHealth for Health {
    fn into_health(self) -> Health {
        self
    }
}

impl IntoHealth for () {
    fn into_health(self) -> Health {
        Health::Healthy
    }
}

impl<T: IntoHealth, E: Into<BoxError>> IntoHealth for Result<T, E> {
    fn into_health(self) -> Health {
        match self {
            Ok(value) => value.into_health(),
            Err(error) => Health::Unhealthy(Error::new(error).text()),
        }
    }
}
