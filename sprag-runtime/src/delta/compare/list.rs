//! The differences between two lists, as few edits: equal ends are cut off, and the rest is
//! aligned by Myers's algorithm within a deadline.

use std::any::Any;
use std::ops::{Index, Range};
use std::time::{Duration, Instant};

use similar::DiffOp;
use similar::algorithms::{Capture, Replace, myers};

use super::{ValueComparison, ValuePair, Within};
use crate::delta::known::Known;
use crate::delta::op::Act;
use crate::delta::step::seen;
use crate::delta::value::Held;
use crate::path::{By, Entries, Shape, ValueRef};

/// How long one comparison may align lists. The time of Myers's algorithm grows with the
/// square of the number of differences; when the time is up, the elements that are not
/// aligned are replaced.
pub(super) const PATIENCE: Duration = Duration::from_millis(50);

/// The elements of a list of which only the shape is known.
struct ListElements<'a>(Vec<ListElement<'a>>);

struct ListElement<'a> {
    known: &'a Known,
    value: &'a dyn Any,
}

impl PartialEq for ListElement<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(self.value, other.value)
            || self.known.is_equal(self.value, other.value) == Some(true)
    }
}

impl<'a> Index<usize> for ListElements<'a> {
    type Output = ListElement<'a>;

    fn index(&self, index: usize) -> &ListElement<'a> {
        &self.0[index]
    }
}

impl<'a> ListElements<'a> {
    fn of(known: &'a Known, entries: &'static Entries, list: &'a dyn Any) -> Self {
        let By::Index { len, .. } = entries.by else { return Self(Vec::new()) };
        let element = |index: usize| seen((entries.step)(ValueRef::Ref(list), &index));
        let values = (0..len(list)).filter_map(element);
        Self(values.map(|value| ListElement { known, value }).collect())
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

impl ValueComparison {
    pub(super) fn list(
        &mut self,
        pair: ValuePair<'_>,
        entries: &'static Entries,
    ) -> Result<(), Within> {
        // Most lists of a changed state are equal; this is found without a list of elements.
        if pair.known.is_equal(pair.old, pair.new) == Some(true) {
            return Ok(());
        }
        let known = pair.known.hop(&entries.element(0));
        let elements = |list| ListElements::of(&known, entries, list);
        let (old, new) = (elements(pair.old), elements(pair.new));
        if matches!(entries.by, By::Index { resize: None, .. }) {
            let mut edits =
                Edits { entries, known, pair, old: &old, new: &new, at: 0, len: old.len() };
            return edits.change(self, 0, 0, old.len().min(new.len()));
        }
        let diffs = aligned(&old, &new, self.deadline);
        let cost: usize = diffs.iter().map(|diff| cost(diff, known.shape)).sum();
        if cost > new.len() {
            // As data the edits would be larger than the list.
            return Err(Within(self.hops.len()));
        }
        let mut edits = Edits { entries, known, pair, old: &old, new: &new, at: 0, len: old.len() };
        diffs.into_iter().try_for_each(|diff| edits.make(self, diff))
    }
}

/// How large an edit is as data, in elements. To change an element that has no parts takes
/// more than the element: an op with its place.
fn cost(diff: &DiffOp, element: &Shape) -> usize {
    let (old, new) = (diff.old_range().len(), diff.new_range().len());
    match diff {
        DiffOp::Equal { .. } => 0,
        _ if element.fields.is_empty() => old.max(new) + 2 * old.min(new),
        _ => old.max(new),
    }
}

fn aligned(old: &ListElements<'_>, new: &ListElements<'_>, deadline: Instant) -> Vec<DiffOp> {
    let mut hook = Replace::new(Capture::new());
    let (all_old, all_new) = (0..old.len(), 0..new.len());
    let deadline = Some(deadline);
    let Ok(()) = myers::diff_deadline_raw(&mut hook, old, all_old, new, all_new, deadline);
    hook.into_inner().into_ops()
}

/// Edits that turn the old list into the new one, from its front to its end.
struct Edits<'a, 'v> {
    entries: &'static Entries,
    /// The shape and abilities of an element.
    known: Known,
    pair: ValuePair<'a>,
    old: &'a ListElements<'v>,
    new: &'a ListElements<'v>,
    /// Up to here the list is the new one already.
    at: usize,
    /// How long the list is by now.
    len: usize,
}

impl Edits<'_, '_> {
    fn make(&mut self, comparison: &mut ValueComparison, diff: DiffOp) -> Result<(), Within> {
        let (old, new) = (diff.old_range(), diff.new_range());
        if let DiffOp::Equal { len, .. } = diff {
            self.at += len;
            return Ok(());
        }
        let common = old.len().min(new.len());
        self.change(comparison, old.start, new.start, common)?;
        self.take(comparison, old.start + common..old.end)?;
        self.put(comparison, new.start + common..new.end)
    }

    /// Makes `count` elements into others, place by place.
    fn change(
        &mut self,
        comparison: &mut ValueComparison,
        old: usize,
        new: usize,
        count: usize,
    ) -> Result<(), Within> {
        for index in 0..count {
            let (old, new) = (self.old[old + index].value, self.new[new + index].value);
            comparison.hops.push(self.entries.element(self.at));
            comparison.compare(ValuePair { known: self.known, old, new })?;
            comparison.hops.pop();
            self.at += 1;
        }
        Ok(())
    }

    fn take(&mut self, comparison: &mut ValueComparison, old: Range<usize>) -> Result<(), Within> {
        if old.is_empty() {
            return Ok(());
        }
        let values = Some(self.held(comparison, self.old, old.clone())?);
        let indices = (self.at..self.at + old.len()).collect();
        self.len -= old.len();
        comparison.push(self.pair.known.shape, Act::Take { indices, old: values, len: self.len })
    }

    fn put(&mut self, comparison: &mut ValueComparison, new: Range<usize>) -> Result<(), Within> {
        if new.is_empty() {
            return Ok(());
        }
        let values = self.held(comparison, self.new, new.clone())?;
        let items = (self.at..).zip(values).collect();
        self.at += new.len();
        self.len += new.len();
        comparison.push(self.pair.known.shape, Act::Put { items, len: self.len })
    }

    fn held(
        &self,
        comparison: &ValueComparison,
        elements: &ListElements<'_>,
        range: Range<usize>,
    ) -> Result<Vec<Held>, Within> {
        // Where an element cannot be cloned, the list is set.
        let within = Within(comparison.hops.len());
        let held = range.map(|index| self.known.hold(elements[index].value));
        held.collect::<Option<_>>().ok_or(within)
    }
}
