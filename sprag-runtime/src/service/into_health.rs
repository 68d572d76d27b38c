//! [`IntoHealth`]: the return values of `#[health]` hooks.

use crate::error::{BoxError, Error};
use crate::health::Health;

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
