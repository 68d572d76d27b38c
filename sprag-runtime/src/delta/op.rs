//! [`Op`]: what one write did at one place, kept with the values that it put there and
//! took away.

use super::step::{Edit, Expected, Step};
use super::value::Held;
use crate::path::{Contents, Hop, Route};

/// What happened at one place of a commit.
pub(crate) struct Op {
    /// The place: the list of `Put`, `Take` and `Order`, else the value itself.
    pub(crate) route: Route,
    pub(crate) act: Act,
    pub(crate) shows: Shows,
}

/// What was done there. Old values are kept only for those who want the inverse.
pub(crate) enum Act {
    Set {
        old: Option<Held>,
        new: Held,
    },
    /// An entry came.
    Add {
        new: Held,
    },
    /// An entry went.
    Remove {
        old: Option<Held>,
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
    /// The elements from `first` on became those that stood at these indices.
    Order {
        first: usize,
        from: Vec<usize>,
        len: usize,
    },
}

/// How a set shows in what serde writes of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// As its value.
    Value,
    /// As a member that goes (`skip_serializing_if`).
    Gone,
    /// Not at all.
    Nothing,
}

impl Op {
    pub(crate) fn new(route: Route, act: Act) -> Self {
        Self { route, act, shows: Shows::Value }
    }

    /// The step that takes it back, where what it left is still there; `None` where the
    /// old values were not kept.
    pub(crate) fn inverse(&self) -> Option<Step> {
        let (edit, values, len) = match &self.act {
            Act::Set { old, new } => {
                (Edit::Set(old.as_ref()?.to_owned()?), vec![new.clone()], None)
            }
            Act::Add { new, .. } => (Edit::Remove, vec![new.clone()], None),
            Act::Remove { old } => (Edit::Add(None, old.as_ref()?.to_owned()?), Vec::new(), None),
            Act::Put { items, len } => {
                let (indices, values) = items.iter().cloned().unzip();
                (Edit::Take(indices), values, Some(*len))
            }
            Act::Take { indices, old, len } => {
                let items = indices.iter().copied().zip(old.as_ref()?.iter().cloned());
                let items: Vec<_> = items.collect();
                (Edit::Put(owned_items(&items)?), Vec::new(), Some(*len))
            }
            Act::Order { first, from, len } => {
                (Edit::Order(*first, super::step::inverse(*first, from)), Vec::new(), Some(*len))
            }
        };
        let mut step = Step::new(self.route.clone(), edit);
        step.expected = Expected { values, len };
        Some(step)
    }
}

fn owned_items(items: &[(usize, Held)]) -> Option<Vec<(usize, super::value::Owned)>> {
    items.iter().map(|(index, value)| Some((*index, value.to_owned()?))).collect()
}

impl Op {
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
