//! [`InitialState`]: the state with which a log began, for resets.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The state of the first entry as JSON, which the committer shares. A clone is the same state.
pub(crate) struct InitialState<T> {
    json: Arc<RawValue>,
    /// Keeps the bound of `T` out of the types that have an `InitialState`.
    read: fn(&str) -> serde_json::Result<T>,
}

impl<T: DeserializeOwned> InitialState<T> {
    pub(crate) fn new(json: Arc<RawValue>) -> Self {
        Self { json, read: |json| serde_json::from_str(json) }
    }
}

impl<T> InitialState<T> {
    pub(super) fn read(&self) -> serde_json::Result<T> {
        (self.read)(self.json.get())
    }
}

impl<T> Clone for InitialState<T> {
    fn clone(&self) -> Self {
        Self { json: Arc::clone(&self.json), ..*self }
    }
}
