//! A whole new state: a clone of the current one that is changed, or one that replaces any
//! other.

use std::sync::Arc;

use super::change::{Comparison, Diff};
use super::{CellWrite, CheckedWrite};
use crate::path::Location;

/// A whole new state, in which any place may be another.
pub(crate) struct Draft<T> {
    /// The new state; after the write, the old one, unless it is in `kept`.
    value: Option<T>,
    /// The old state, where a snapshot of it is still held.
    kept: Option<Arc<T>>,
}

impl<T> Default for Draft<T> {
    fn default() -> Self {
        Self { value: None, kept: None }
    }
}

impl<T: Clone + 'static> Draft<T> {
    /// A state that replaces any other.
    pub(crate) fn new(state: T) -> Self {
        Self { value: Some(state), kept: None }
    }

    /// Begins with a clone of `state`.
    pub(crate) fn begin(&mut self, state: &T) -> &mut T {
        self.value.insert(state.clone())
    }

    fn state(&self) -> &T {
        self.value.as_ref().expect(UNCOMMITTED)
    }

    /// The replaced state.
    pub(crate) fn into_old(self) -> Arc<T> {
        let old = self.value.map(Arc::new).or(self.kept);
        old.expect("a committed draft holds the old state")
    }
}

const UNCOMMITTED: &str = "a draft holds its state until it is committed";

impl<T: Clone + 'static> CellWrite<T> for Draft<T> {
    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_>)) {
        let comparison = Comparison::Roots { old: current, new: self.state() };
        visit(Diff { at: &Location::root(), entries: None, keys: None, comparison });
    }

    fn swap(&mut self, target: &mut T) {
        std::mem::swap(target, self.value.as_mut().expect(UNCOMMITTED));
    }

    fn replace_whole(&mut self, state: &mut Arc<T>) -> Option<Arc<T>> {
        let new = self.value.take().expect("a draft is committed once");
        let old = std::mem::replace(state, Arc::new(new));
        self.kept = Some(Arc::clone(&old));
        Some(old)
    }
}

impl<T: Clone + 'static> CheckedWrite<T> for Draft<T> {
    fn is_plain(&self) -> bool {
        true
    }

    /// A draft that begins with its state replaces any other.
    fn prepare(&mut self, _: &T) -> bool {
        true
    }
}
