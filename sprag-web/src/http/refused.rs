//! [`RefusalCounts`]: the number of refusals by kind.

use std::collections::BTreeMap;

use axum::response::Response;
use parking_lot::Mutex;

/// The reason of a response that refuses its request; an extension of the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefusalKind(pub(crate) &'static str);

/// How often requests and writes were refused, by kind.
#[derive(Default)]
pub(crate) struct RefusalCounts(Mutex<BTreeMap<&'static str, u64>>);

impl RefusalCounts {
    /// Counts a response that refuses its request.
    pub(crate) fn note(&self, response: &Response) {
        if let Some(RefusalKind(kind)) = response.extensions().get() {
            self.count(kind);
        }
    }

    pub(crate) fn count(&self, kind: &'static str) {
        *self.0.lock().entry(kind).or_default() += 1;
    }

    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().clone()
    }
}
