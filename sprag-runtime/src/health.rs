//! [`Health`]: how well a service or a resource works.

use std::fmt;

/// The health of a service, of a resource or of a whole app. Worse is greater.
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

    /// The worse of both; `self` if they are equally bad.
    pub(crate) fn worse(self, other: Self) -> Self {
        if other.severity() > self.severity() { other } else { self }
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

/// Returns how well a resource works; see [`Resource::health_check`](crate::Resource::health_check).
pub type ResourceCheck = Box<dyn Fn() -> Health + Send + Sync>;

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn s9_a_health_shows_its_name_and_its_reason() {
        for (health, text) in [
            (Health::Healthy, "healthy"),
            (Health::degraded("2 of 3 drives answer"), "degraded: 2 of 3 drives answer"),
            (Health::unhealthy("no drive answers"), "unhealthy: no drive answers"),
        ] {
            assert_eq!(health.to_string(), text);
        }
    }
}
