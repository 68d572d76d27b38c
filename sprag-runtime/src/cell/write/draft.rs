//! A whole new state, built from a clone of the current one.

use std::any::Any;
use std::mem::needs_drop;
use std::sync::Arc;

use super::change::{Comparison, Diff};
use super::edit::Edit;
use super::operations::Operation;
use super::{Write, absent};
use crate::error::Absent;
use crate::path::{Collection, Location, Walk};

/// A whole new state, built from a clone of the current one.
pub(crate) struct Draft<T> {
    /// The new state; after the write, the old one, unless it is in `kept`.
    value: Option<T>,
    /// The old state, where a snapshot of it is still held.
    kept: Option<Arc<T>>,
    /// The written places; `None` when any place may be written.
    written: Option<Vec<Edit>>,
    /// What a write inside the draft replaced, to be dropped after the lock.
    discarded: Vec<Box<dyn Any + Send>>,
}

impl<T> Default for Draft<T> {
    fn default() -> Self {
        Self { value: None, kept: None, written: None, discarded: Default::default() }
    }
}

impl<T: Clone + 'static> Draft<T> {
    /// A state that replaces any other.
    pub(crate) fn new(state: T) -> Self {
        Self { value: Some(state), ..Self::default() }
    }

    /// Begins with a clone of `state`, in which any place may be written.
    pub(crate) fn begin(&mut self, state: &T) {
        self.value = Some(state.clone());
    }

    /// From now on only the recorded places count as written.
    pub(crate) fn record(&mut self) {
        self.written = Some(Vec::new());
    }

    pub(crate) fn wrote(&mut self, edit: Edit) {
        if let Some(written) = &mut self.written {
            written.push(edit);
        }
    }

    pub(crate) fn is_untouched(&self) -> bool {
        self.written.as_ref().is_some_and(Vec::is_empty)
    }

    pub(crate) fn state(&self) -> &T {
        self.value.as_ref().expect("a draft holds its state until it is committed")
    }

    pub(crate) fn state_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("a draft holds its state until it is committed")
    }

    /// The value that `walk` leads to in the draft.
    pub(crate) fn find<W: Walk<T>>(&mut self, walk: &W) -> Option<&mut W::Value> {
        let state = self.value.as_mut().expect("a draft holds its state until it is committed");
        let mut discarded = W::Discarded::default();
        let found = walk.get_mut(state, &mut discarded);
        if needs_drop::<W::Discarded>() {
            self.discarded.push(Box::new(discarded));
        }
        found
    }

    /// Makes `operation` on the collection that `walk` leads to.
    pub(crate) fn run<W, C, O>(&mut self, walk: &W, mut operation: O) -> Result<O::Output, Absent>
    where
        W: Walk<T, Value = C>,
        C: Collection,
        O: Operation<C, Leftover: Send>,
    {
        let Some(collection) = self.find(walk) else { return Err(absent(walk)) };
        if operation.prepare(collection) {
            operation.swap(collection);
            self.wrote(Edit::entries(walk, operation.change()));
        }
        let (output, leftover) = operation.finish();
        self.discard(leftover);
        Ok(output)
    }

    /// Keeps a value of the user's until after the lock.
    pub(crate) fn discard<V: Send + 'static>(&mut self, value: V) {
        if needs_drop::<V>() {
            self.discarded.push(Box::new(value));
        }
    }

    /// The replaced state.
    pub(crate) fn into_old(self) -> Arc<T> {
        let old = self.value.map(Arc::new).or(self.kept);
        old.expect("a committed draft holds the old state")
    }
}

impl<T: Clone + 'static> Write<T> for Draft<T> {
    fn is_plain(&self) -> bool {
        true
    }

    /// A draft that already has its state replaces any other.
    fn prepare(&mut self, _: &T) -> bool {
        self.value.is_some()
    }

    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        let new = self.state();
        let comparison = || Comparison::Roots { old: current, new };
        let Some(written) = &self.written else {
            let at = &Location::root();
            return visit(Diff { at, entries: None, keys: None, comparison: comparison() });
        };
        for edit in written {
            let (at, entries) = (&edit.location, edit.entries.as_ref());
            visit(Diff { at, entries, keys: None, comparison: comparison() });
        }
    }

    fn swap(&mut self, target: &mut T) {
        std::mem::swap(target, self.state_mut());
    }

    fn replace(&mut self, state: &mut Arc<T>) -> Arc<T> {
        let new = self.value.take().expect("a draft is committed once");
        let old = std::mem::replace(state, Arc::new(new));
        self.kept = Some(Arc::clone(&old));
        old
    }
}
