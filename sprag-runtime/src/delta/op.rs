//! [`RecordedOp`]: the effect of one write at one place, with the values that it inserted
//! and removed.

use std::any::Any;

use super::known::Known;
use super::step::{DeltaStep, Expected, StepEdit};
use super::value::Held;
use crate::path::{AnyKey, By, Contents, Entries, Hop, Members, Route, follow};

/// The change at one place of a commit.
#[derive(Clone)]
pub(crate) struct RecordedOp {
    /// The place: the list of `Put`, `Take` and `Order`, else the value itself.
    pub(crate) route: Route,
    pub(crate) act: Act,
    pub(crate) shows: Shows,
    pub(crate) origin: ValueOrigin,
}

/// Where the new value of a set comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ValueOrigin {
    /// The writer passed the value.
    #[default]
    Given,
    /// The writer edited a clone of the old value, so that only some parts may differ.
    Edited,
}

/// The kind of change. Old values are kept only for readers that want the inverse.
#[derive(Clone)]
pub(crate) enum Act {
    Set {
        old: Option<Held>,
        new: Held,
    },
    /// An entry came; in a set with an order, before the member `next`.
    Add {
        new: Held,
        next: Option<AnyKey>,
    },
    /// An entry went; in a set with an order, from before the member `next`.
    Remove {
        old: Option<Held>,
        next: Option<AnyKey>,
    },
    /// Elements came, each to its index.
    Put {
        items: Vec<(usize, Held)>,
        len: usize,
    },
    /// The elements at these indices went.
    Take {
        indices: Vec<usize>,
        old: Option<Vec<Held>>,
        len: usize,
    },
    /// The elements from `first` on became the elements from these indices.
    Order {
        first: usize,
        from: Vec<usize>,
        len: usize,
    },
}

/// The form of a set in the JSON of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// As its value.
    Value,
    /// As a member that is omitted (`skip_serializing_if`).
    Gone,
    /// Not at all.
    Nothing,
}

impl RecordedOp {
    pub(crate) fn new(route: Route, act: Act) -> Self {
        Self { route, act, shows: Shows::Value, origin: ValueOrigin::Given }
    }

    /// The set's facts and the member, if the op adds or removes a member of a set.
    pub(crate) fn member(&self) -> Option<(Members, &AnyKey)> {
        self.route.hops.last().and_then(Hop::member)
    }

    /// The old and the new value, if parts of the value may differ that are found by
    /// comparing the two.
    pub(super) fn edited(&self) -> Option<(&Held, &Held)> {
        match (&self.act, self.origin, self.shows) {
            (Act::Set { old: Some(old), new }, ValueOrigin::Edited, Shows::Value)
                if self.route.shape.has_parts() =>
            {
                Some((old, new))
            }
            _ => None,
        }
    }

    /// The state after the op, as a step that takes the op back expects it.
    fn left(&self) -> Expected {
        let (values, len) = match &self.act {
            Act::Set { new, .. } | Act::Add { new, .. } => (vec![new.clone()], None),
            Act::Remove { .. } => (Vec::new(), None),
            Act::Put { items, len } => {
                (items.iter().map(|item| item.1.clone()).collect(), Some(*len))
            }
            Act::Take { len, .. } | Act::Order { len, .. } => (Vec::new(), Some(*len)),
        };
        Expected { values, len }
    }

    /// The step that reverts the op, provided its result is still in place; `None` if the
    /// old values were not kept.
    pub(crate) fn inverse(&self) -> Option<DeltaStep> {
        let edit = match &self.act {
            Act::Set { old, .. } => StepEdit::Set(old.as_ref()?.to_owned()?),
            Act::Add { .. } => StepEdit::Remove,
            Act::Remove { old, .. } => StepEdit::Add(None, old.as_ref()?.to_owned()?),
            Act::Put { items, .. } => StepEdit::Take(items.iter().map(|item| item.0).collect()),
            Act::Take { indices, old, .. } => {
                let values = old.as_ref()?.iter().map(Held::to_owned);
                let items = indices.iter().zip(values).map(|(index, value)| Some((*index, value?)));
                StepEdit::Put(items.collect::<Option<_>>()?)
            }
            Act::Order { first, from, .. } => {
                StepEdit::Order(*first, super::step::inverse(*first, from))
            }
        };
        let mut step = DeltaStep::new(self.route.clone(), edit);
        step.expected = self.left();
        if let Act::Remove { next, .. } = &self.act {
            step.next = next.clone();
        }
        Some(step)
    }

    /// Whether the result of the op is still in place.
    pub(crate) fn is_there(&self, state: &dyn Any) -> bool {
        let present = self.route.get(state);
        match &self.act {
            Act::Set { new, .. } | Act::Add { new, .. } => {
                present.is_some_and(|value| new.is_shown_as(value))
            }
            Act::Remove { .. } => present.is_none(),
            Act::Put { items, len } => {
                let is_there = |(index, value): &(usize, Held)| {
                    self.element(*index)
                        .and_then(|hop| follow(present?, &[hop]))
                        .is_some_and(|element| value.is_shown_as(element))
                };
                self.len(present) == Some(*len) && items.iter().all(is_there)
            }
            Act::Take { len, .. } | Act::Order { len, .. } => self.len(present) == Some(*len),
        }
    }

    fn element(&self, index: usize) -> Option<Hop> {
        match self.route.shape.contents {
            Contents::Entries(entries) => Some(entries.element(index)),
            _ => None,
        }
    }

    fn len(&self, list: Option<&dyn Any>) -> Option<usize> {
        match self.route.shape.contents {
            Contents::Entries(Entries { by: By::Index { len, .. }, .. }) => list.map(len),
            _ => None,
        }
    }

    /// The op that reverts this one; `None` if the old values were not kept.
    pub(crate) fn inverted(&self, root: Known) -> Option<Self> {
        let act = match &self.act {
            Act::Set { old, new } => Act::Set { old: Some(new.clone()), new: old.clone()? },
            Act::Add { new, next } => Act::Remove { old: Some(new.clone()), next: next.clone() },
            Act::Remove { old, next } => Act::Add { new: old.clone()?, next: next.clone() },
            Act::Put { items, len } => {
                let (indices, old): (Vec<usize>, _) = items.iter().cloned().unzip();
                Act::Take { len: len - indices.len(), indices, old: Some(old) }
            }
            Act::Take { indices, old, len } => {
                let items = indices.iter().copied().zip(old.clone()?).collect();
                Act::Put { items, len: len + indices.len() }
            }
            Act::Order { first, from, len } => {
                let from = super::step::inverse(*first, from);
                Act::Order { first: *first, from, len: *len }
            }
        };
        let shows = match (self.shows, &act) {
            (Shows::Nothing, _) => Shows::Nothing,
            (_, Act::Set { new, .. }) if is_left_out(root, &self.route, new) => Shows::Gone,
            _ => Shows::Value,
        };
        Some(Self { shows, ..Self::new(self.route.clone(), act) })
    }
}

/// Whether serde leaves the field at the end of `route` out, if it has this value.
fn is_left_out(root: Known, route: &Route, value: &Held) -> bool {
    let Some((Hop::Field { index, .. }, owner)) = route.hops.split_last() else { return false };
    root.at(owner).left_out(*index).is_some_and(|left_out| left_out(value.get()))
}

impl RecordedOp {
    /// Passes each place that the op changes, with its new value.
    pub(crate) fn places(&self, visit: &mut dyn FnMut(Vec<Hop>, Option<Held>)) {
        let hops = || self.route.hops.clone();
        let element = |index: usize| match self.route.shape.contents {
            Contents::Entries(entries) => {
                hops().into_iter().chain([entries.element(index)]).collect()
            }
            _ => hops(),
        };
        match &self.act {
            Act::Set { new, .. } | Act::Add { new, .. } => visit(hops(), Some(new.clone())),
            Act::Remove { .. } | Act::Order { .. } => visit(hops(), None),
            Act::Put { items, .. } => {
                items.iter().for_each(|(index, new)| visit(element(*index), Some(new.clone())));
            }
            Act::Take { indices, .. } => {
                indices.iter().for_each(|index| visit(element(*index), None));
            }
        }
    }
}
