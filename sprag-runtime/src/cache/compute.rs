//! Adapters between the computations that users write and the one form that a flight
//! runs: a future of a result.

use super::flight::Computed;
use crate::error::{BoxError, CacheError};

/// Wraps a future that cannot fail.
pub(super) async fn map_ok<T, V>(
    value: impl Future<Output = T>,
    computed: impl FnOnce(T) -> Computed<V>,
) -> Result<Computed<V>, BoxError> {
    Ok(computed(value.await))
}

/// Boxes the error of a future.
pub(super) async fn map_err<T, V, E: Into<BoxError>>(
    value: impl Future<Output = Result<T, E>>,
    computed: impl FnOnce(T) -> Computed<V>,
) -> Result<Computed<V>, BoxError> {
    value.await.map(computed).map_err(E::into)
}

/// Returns the value to a caller whose computation cannot fail and that shares no other
/// caller's error: any remaining error is a mistake of the caller.
#[track_caller]
pub(super) fn unwrap_or_panic<V>(outcome: Result<V, CacheError>) -> V {
    outcome.unwrap_or_else(|error| panic!("{error}"))
}
