//! A step of a changeset or of a history, as a write: types are not known.

use std::any::Any;

use super::CellWrite;
use super::change::{Comparison, Diff, EntryChange, WrittenKeys};
use super::routed::{RouteKeys, Shaped};
use crate::delta::{DeltaStep, Doing, Footprint, Footprints, StepEdit, StepFailure};
use crate::path::{Equal, Location, Node};

/// A step, at the place to which it leads.
pub(crate) struct StepAt {
    step: DeltaStep,
    /// Compares the values of a step that sets; without it they count as different.
    equal: Option<Equal>,
}

impl StepAt {
    pub(crate) fn new(step: DeltaStep, equal: Option<Equal>) -> Self {
        Self { step, equal }
    }

    /// Makes the step, if the state is as the step expects it.
    pub(in crate::cell) fn make(&mut self, state: &mut dyn Any) -> Result<(), StepFailure> {
        self.step.make(state)?;
        self.step.expect_anything();
        Ok(())
    }

    /// Whether the value that the step sets equals the present one; `None` if the type cannot
    /// be compared.
    fn is_equal(&self, current: &dyn Any) -> Option<bool> {
        match &self.step.edit {
            StepEdit::Set(value) => self.equal?(self.step.route.get(current)?, &**value),
            _ => Some(false),
        }
    }

    /// Where the step is, and the entries of the collection there that it changes.
    fn place(&self) -> (Location, Option<EntryChange>) {
        let route = &self.step.route;
        let entries = match &self.step.edit {
            StepEdit::Set(_) => return (route.location(), None),
            StepEdit::Add(..) | StepEdit::Remove => return EntryChange::at_end_of(route),
            StepEdit::Put(items) => EntryChange::appended(items.first().map_or(0, |item| item.0)),
            StepEdit::Take(indices) => EntryChange::appended(indices.first().copied().unwrap_or(0)),
            StepEdit::Order(first, _) => EntryChange::moved(*first),
        };
        (route.location(), Some(entries))
    }

    fn doing(&self, current: &dyn Any) -> Option<Doing> {
        Some(match &self.step.edit {
            StepEdit::Set(_) if self.is_equal(current) == Some(true) => return None,
            StepEdit::Set(_) => Doing::Set,
            StepEdit::Add(..) => Doing::Add,
            StepEdit::Remove => Doing::Remove,
            StepEdit::Put(items) => Doing::Put(items.iter().map(|(index, _)| *index).collect()),
            StepEdit::Take(indices) => Doing::Take(indices.clone()),
            StepEdit::Order(first, from) => Doing::Order(*first, from.clone()),
        })
    }

    fn changed(&self, current: &dyn Any, visit: &mut dyn FnMut(Diff<'_>)) {
        let (at, entries) = self.place();
        let (at, entries) = (&at, entries.as_ref());
        let keys = Some(&RouteKeys(&self.step.route) as &dyn WrittenKeys);
        let StepEdit::Set(value) = &self.step.edit else {
            return visit(Diff { at, entries, keys, comparison: Comparison::Later });
        };
        let Some(is_equal) = self.is_equal(current) else {
            return visit(Diff { at, entries, keys, comparison: Comparison::Unknown });
        };
        let shape = self.step.route.shape;
        let old = Shaped { value: self.step.route.get(current), shape };
        let new = Shaped { value: Some(&**value), shape };
        let comparison = Comparison::Values { differs: !is_equal, old: &old, new: &new };
        visit(Diff { at, entries, keys, comparison });
    }

    fn footprints_in<'a>(&'a self, current: &'a dyn Any) -> Footprints<'a> {
        let hops = self.step.route.hops.clone();
        let footprint = self.doing(current).map(|doing| Footprint::along(hops, doing));
        let values = match &self.step.edit {
            StepEdit::Set(new) => self.step.route.get(current).map(|old| (old, &**new)),
            _ => None,
        };
        footprint.map(|footprint| Footprint { values, ..footprint }).into_iter().collect()
    }
}

impl<T: Clone + 'static> CellWrite<T> for StepAt {
    fn node(&self) -> Option<Node> {
        Some(self.place().0.node)
    }

    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_>)) {
        self.changed(current, visit);
    }

    fn with_keys(&self, visit: &mut dyn FnMut(Option<&dyn WrittenKeys>)) {
        visit(Some(&RouteKeys(&self.step.route)));
    }

    fn swap(&mut self, target: &mut T) {
        // A step that was made leaves the state as its inverse needs it.
        let made = self.step.make(target);
        debug_assert!(made.is_ok(), "the inverse of a step fits: {made:?}");
    }

    fn footprints<'a>(&'a self, current: &'a T) -> Option<Footprints<'a>> {
        Some(self.footprints_in(current))
    }
}
