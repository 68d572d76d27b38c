//! Selects every commit, as a snapshot: for a `Store`'s subscribers and for `Changed`.

use std::sync::Arc;

use super::{CommitInfo, Select, SelectOne};

/// Selects every commit, as a snapshot.
pub(crate) struct EveryCommit;

impl<T: Send + Sync + 'static> Select<T> for EveryCommit {
    type Captured = Arc<T>;
    type Resolved = Arc<T>;
    type Item<'a> = &'a Arc<T>;

    const PLAIN: bool = true;
    const SHARED: bool = true;

    fn capture(&self, state: &Arc<T>, _: &CommitInfo<'_, T>) -> Arc<T> {
        Arc::clone(state)
    }

    fn resolve(&self, state: Arc<T>) -> Option<Arc<T>> {
        Some(state)
    }

    fn each_item(&self, resolved: &Self::Resolved, mut call: impl FnMut(Self::Item<'_>)) {
        call(self.item(resolved));
    }
}

impl<T: Send + Sync + 'static> SelectOne<T> for EveryCommit {
    type Owned = Arc<T>;

    fn item<'a>(&'a self, resolved: &'a Arc<T>) -> &'a Arc<T> {
        resolved
    }

    fn to_owned(item: &Arc<T>) -> Arc<T> {
        Arc::clone(item)
    }
}
