//! [`Health`]: how well a service works.

use std::fmt;

use crate::error::{BoxError, Error};

/// The health of a service or of a whole app. Worse is greater.
///
/// ```
/// # use sprag::service::Health;
/// let health = Health::degraded("2 of 3 drives answer");
/// assert!(health > Health::Healthy && !health.is_healthy());
/// assert_eq!(health.to_string(), "degraded: 2 of 3 drives answer");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// The service works.
    #[default]
    Healthy,
    /// The service works, but not as it should, for the given reason.
    Degraded(String),
    /// The service does not work, for the given reason.
    Unhealthy(String),
}

impl Health {
    /// The service works, but not as it should.
    ///
    /// ```
    /// # use sprag::service::Health;
    /// assert_eq!(Health::degraded("no drive answers").reason(), Some("no drive answers"));
    /// ```
    pub fn degraded(reason: impl Into<String>) -> Self {
        Self::Degraded(reason.into())
    }

    /// The service does not work.
    ///
    /// ```
    /// # use sprag::service::Health;
    /// assert_eq!(Health::unhealthy("no drive answers").reason(), Some("no drive answers"));
    /// ```
    pub fn unhealthy(reason: impl Into<String>) -> Self {
        Self::Unhealthy(reason.into())
    }

    /// Whether the service is [`Healthy`](Self::Healthy); a degraded service is not.
    ///
    /// ```
    /// # use sprag::service::Health;
    /// assert!(Health::default().is_healthy());
    /// ```
    pub fn is_healthy(&self) -> bool {
        matches!(self, Self::Healthy)
    }

    /// The reason why the service is not healthy.
    ///
    /// ```
    /// # use sprag::service::Health;
    /// assert_eq!(Health::Healthy.reason(), None);
    /// ```
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Healthy => None,
            Self::Degraded(reason) | Self::Unhealthy(reason) => Some(reason),
        }
    }
}

impl Health {
    /// The severity; worse is greater.
    pub(crate) fn severity(&self) -> u8 {
        match self {
            Self::Healthy => 0,
            Self::Degraded(_) => 1,
            Self::Unhealthy(_) => 2,
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

/// A return value of a `#[health]` hook: a [`Health`], nothing, or a `Result` of these,
/// whose error is the reason why the service is unhealthy.
///
/// ```
/// # use sprag::service::{Health, IntoHealth};
/// let failed: Result<(), std::fmt::Error> = Err(std::fmt::Error);
/// assert!(matches!(failed.into_health(), Health::Unhealthy(_)));
/// ```
#[diagnostic::on_unimplemented(
    message = "`#[health]` cannot return a `{Self}`",
    label = "not a `Health`",
    note = "return `Health`, or a `Result` whose error says why it is unhealthy"
)]
pub trait IntoHealth {
    /// Converts this to a health.
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
