//! [`DeltaStep`]: one edit of a value at a place that is known at run time, and the way back.
//!
//! A step moves values and runs none of the user's code but `Hash`, `Eq` and `Ord` of
//! keys, and `PartialEq` of the values that it expects (and `Serialize` of those that do not
//! equal themselves). Steps know no JSON and no cell.

use std::any::Any;

use super::keep::{KeptValue, exchange};
use super::value::{Held, Owned};
use crate::path::{AddedKey, AnyKey, By, Contents, Entries, Hop, Members, Resize, Route, ValueRef};

/// An edit, its place, and the values that it expects there.
pub(crate) struct DeltaStep {
    /// The place: the collection of `Put`, `Take` and `Order`, else the value itself.
    pub(crate) route: Route,
    pub(crate) edit: StepEdit,
    pub(crate) expected: Expected,
    /// The skipped parts of the old value, which the new value keeps.
    kept: Vec<KeptValue>,
    /// Whether the new value is at the place.
    is_set: bool,
    /// In a set: the member before which a member is added, if that is there.
    pub(super) next: Option<AnyKey>,
    /// The key of the entry that was taken out: its drop and its clone run the user's code,
    /// which must not fail between an edit and its inverse.
    pulled: Option<Box<dyn Any>>,
}

/// The kind of a step. Each edit but a failing one leaves its inverse.
pub(crate) enum StepEdit {
    /// Exchanges the value at the place.
    Set(Owned),
    /// Adds the entry that the route ends at, which the map does not have. In a map that
    /// keeps an order the entry gets this position.
    Add(Option<usize>, Owned),
    /// Takes out the entry that the route ends at.
    Remove,
    /// Puts elements into a list, each with the index that it will have, in order.
    Put(Vec<(usize, Owned)>),
    /// Removes the elements at these ascending indices from a list.
    Take(Vec<usize>),
    /// The elements from an index on become the elements from these indices.
    Order(usize, Vec<usize>),
}

/// The values that a step requires, where it must not change others.
#[derive(Default)]
pub(crate) struct Expected {
    /// The present values: one, or that of each index.
    pub(crate) values: Vec<Held>,
    /// The list's present length.
    pub(crate) len: Option<usize>,
}

/// Why a step was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepFailure {
    /// The place, or a value on the way to it, does not exist.
    Absent,
    /// The map has the key already.
    Present,
    /// The list does not have such an index, or the new order is not an order of its
    /// elements.
    OutOfRange,
    /// Another write was here.
    Changed,
    /// The type has no such places.
    Unfit,
}

impl DeltaStep {
    pub(crate) fn new(route: Route, edit: StepEdit) -> Self {
        let (expected, kept) = (Expected::default(), Vec::new());
        Self { route, edit, expected, kept, is_set: false, next: None, pulled: None }
    }

    /// Adds the member that the route ends at before the member `next`, if that is in the
    /// set and the set keeps such an order.
    pub(crate) fn add_member(route: Route, next: Option<AnyKey>) -> Self {
        Self { next, ..Self::new(route, StepEdit::Add(None, Box::new(()))) }
    }

    /// Sets a value, and keeps those parts of the present one that serde omits.
    pub(crate) fn set_keeping(route: Route, value: Owned, kept: Vec<KeptValue>) -> Self {
        Self { kept, ..Self::new(route, StepEdit::Set(value)) }
    }

    /// From now on the step fits any values.
    pub(crate) fn expect_anything(&mut self) {
        self.expected = Expected::default();
    }

    /// Makes the edit in `root` and becomes its own inverse; changes nothing if it fails.
    pub(crate) fn make(&mut self, root: &mut dyn Any) -> Result<(), StepFailure> {
        match self.edit {
            StepEdit::Set(_) => self.set(root),
            StepEdit::Add(..) | StepEdit::Remove => self.entry(root),
            StepEdit::Put(_) | StepEdit::Take(_) | StepEdit::Order(..) => self.elements(root),
        }
    }

    fn set(&mut self, root: &mut dyn Any) -> Result<(), StepFailure> {
        let shape = self.route.shape;
        if shape.typed.is_none() {
            return Err(StepFailure::Unfit);
        }
        let target = follow(&self.route.hops, root)?;
        self.expected.of_value(target)?;
        if let StepEdit::Set(value) = &mut self.edit {
            exchange(shape, &self.kept, &mut self.is_set, target, &mut **value);
        }
        Ok(())
    }

    fn entry(&mut self, root: &mut dyn Any) -> Result<(), StepFailure> {
        let [way @ .., Hop::Entry { entries, key, .. }] = &self.route.hops[..] else {
            return Err(StepFailure::Unfit);
        };
        let By::Key { put, pull, .. } = entries.by else { return Err(StepFailure::Unfit) };
        let map = follow(way, root)?;
        let present = (entries.step)(ValueRef::Ref(map), &**key);
        match (&self.edit, present) {
            (StepEdit::Add(..), Some(_)) => return Err(StepFailure::Present),
            (StepEdit::Remove, Some(ValueRef::Ref(value))) => self.expected.of_value(value)?,
            _ => {}
        }
        let before = |(members, next): (Members, &AnyKey)| (members.position)(map, &**next);
        let position = entries.members.zip(self.next.as_ref()).and_then(before);
        self.edit = match std::mem::replace(&mut self.edit, StepEdit::Remove) {
            StepEdit::Add(at, value) => {
                let position = at.or(position);
                let key = self.pulled.take().map_or(AddedKey::Clone(&**key), AddedKey::Own);
                put(map, key, position, value);
                StepEdit::Remove
            }
            _ => {
                let pulled = pull(map, &**key).ok_or(StepFailure::Absent)?;
                self.pulled = Some(pulled.key);
                StepEdit::Add(Some(pulled.position), pulled.item)
            }
        };
        Ok(())
    }

    fn elements(&mut self, root: &mut dyn Any) -> Result<(), StepFailure> {
        let Contents::Entries(entries) = self.route.shape.contents else {
            return Err(StepFailure::Unfit);
        };
        let list = follow(&self.route.hops, root)?;
        let sequence = ErasedList::of(entries, list)?;
        sequence.check(&self.edit, &self.expected)?;
        self.edit = sequence.edit(std::mem::replace(&mut self.edit, StepEdit::Remove));
        Ok(())
    }
}

/// A list of which only the shape is known.
struct ErasedList<'a> {
    entries: &'a Entries,
    list: &'a mut dyn Any,
    len: usize,
    swap: fn(&mut dyn Any, usize, usize),
    resize: Option<Resize>,
}

impl<'a> ErasedList<'a> {
    fn of(entries: &'a Entries, list: &'a mut dyn Any) -> Result<Self, StepFailure> {
        let By::Index { len, swap, resize } = entries.by else { return Err(StepFailure::Unfit) };
        let len = len(list);
        Ok(Self { entries, list, len, swap, resize })
    }

    fn check(&self, edit: &StepEdit, expected: &Expected) -> Result<(), StepFailure> {
        let fits = match edit {
            StepEdit::Put(items) => are_free(items.iter().map(|(index, _)| *index), self.len),
            StepEdit::Take(indices) => {
                ascend(indices) && indices.last().is_none_or(|&i| i < self.len)
            }
            StepEdit::Order(first, from) => is_order(*first, from, self.len),
            StepEdit::Set(_) | StepEdit::Add(..) | StepEdit::Remove => false,
        };
        if !fits {
            return Err(StepFailure::OutOfRange);
        }
        if self.resize.is_none() && !matches!(edit, StepEdit::Order(..)) {
            return Err(StepFailure::Unfit);
        }
        if expected.len.is_some_and(|len| len != self.len) {
            return Err(StepFailure::Changed);
        }
        let StepEdit::Take(indices) = edit else { return Ok(()) };
        let pairs = indices.iter().zip(&expected.values);
        let mut same =
            pairs.map(|(index, held)| self.get(*index).is_some_and(|v| held.is_still(v)));
        if same.all(|same| same) { Ok(()) } else { Err(StepFailure::Changed) }
    }

    fn get(&self, index: usize) -> Option<&dyn Any> {
        seen((self.entries.step)(ValueRef::Ref(self.list), &index))
    }

    /// Makes an edit that was checked; returns the inverse.
    fn edit(self, edit: StepEdit) -> StepEdit {
        let Self { list, swap, resize, .. } = self;
        match (edit, resize) {
            (StepEdit::Put(items), Some(Resize { put, .. })) => {
                let indices = items.iter().map(|(index, _)| *index).collect();
                put(list, items);
                StepEdit::Take(indices)
            }
            (StepEdit::Take(indices), Some(Resize { take, .. })) => {
                let items = take(list, &indices);
                StepEdit::Put(indices.into_iter().zip(items).collect())
            }
            (StepEdit::Order(first, from), _) => {
                reorder(first, &from, |a, b| swap(list, a, b));
                StepEdit::Order(first, inverse(first, &from))
            }
            (edit, _) => edit,
        }
    }
}

impl Expected {
    fn of_value(&self, present: &dyn Any) -> Result<(), StepFailure> {
        let is_same = self.values.first().is_none_or(|expected| expected.is_still(present));
        if is_same { Ok(()) } else { Err(StepFailure::Changed) }
    }
}

/// The value that `hops` lead to.
fn follow<'a>(hops: &[Hop], root: &'a mut dyn Any) -> Result<&'a mut dyn Any, StepFailure> {
    let mut value = root;
    for hop in hops {
        value = match hop.step(ValueRef::Mut(value)) {
            Some(ValueRef::Mut(next)) => next,
            _ => return Err(StepFailure::Absent),
        };
    }
    Ok(value)
}

pub(super) fn seen(value: Option<ValueRef<'_>>) -> Option<&dyn Any> {
    match value? {
        ValueRef::Ref(value) => Some(value),
        ValueRef::Mut(value) => Some(value),
    }
}

fn ascend(indices: &[usize]) -> bool {
    indices.is_sorted_by(|a, b| a < b)
}

/// Whether elements with these indices, put one after another into a list of `len`, never
/// leave a hole.
fn are_free(indices: impl Iterator<Item = usize>, len: usize) -> bool {
    let mut before = None;
    indices.enumerate().all(|(count, index)| {
        let ascends = before.replace(index).is_none_or(|before| before < index);
        ascends && index <= len + count
    })
}

/// Whether `from` is an order of the elements from `first` on.
fn is_order(first: usize, from: &[usize], len: usize) -> bool {
    if from.len() > len || first > len - from.len() {
        return false;
    }
    let mut seen = vec![false; from.len()];
    from.iter().all(|index| {
        let slot = index.checked_sub(first).and_then(|index| seen.get_mut(index));
        slot.is_some_and(|slot| !std::mem::replace(slot, true))
    })
}

/// Follows each circle of elements that take each other's places.
fn reorder(first: usize, from: &[usize], mut swap: impl FnMut(usize, usize)) {
    let mut from = from.to_vec();
    for start in 0..from.len() {
        let mut to = start;
        loop {
            let next = std::mem::replace(&mut from[to], to + first) - first;
            if next == start {
                break;
            }
            swap(to + first, next + first);
            to = next;
        }
    }
}

pub(super) fn inverse(first: usize, from: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; from.len()];
    for (to, &from) in from.iter().enumerate() {
        inverse[from - first] = to + first;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::{are_free, inverse, is_order, reorder};

    /// The indices of a list of `len` elements, of which those from `first` on are taken `from`.
    fn ordered(first: usize, from: &[usize], len: usize) -> Vec<usize> {
        let mut list: Vec<_> = (0..len).collect();
        reorder(first, from, |a, b| list.swap(a, b));
        list
    }

    #[test]
    fn d3_an_order_has_each_index_of_its_part_once() {
        for (first, from, len) in [
            (0, vec![], 0),
            (4, vec![], 4),
            (3, vec![3], 4),
            (2, vec![3, 2], 4),
            (0, vec![2, 0, 3, 1], 4),
            (1, vec![3, 1, 2], 5),
        ] {
            assert!(is_order(first, &from, len), "{first} {from:?} {len}");
            let list = ordered(first, &from, len);
            assert_eq!(list[first..first + from.len()], from);
            assert!((0..first).chain(first + from.len()..len).all(|index| list[index] == index));
            let back = inverse(first, &from);
            let is_back = |(index, place): (usize, &usize)| back[place - first] == first + index;
            assert!(from.iter().enumerate().all(is_back), "{back:?}");
        }
        for (first, from, len) in [
            (5, vec![], 4),
            (4, vec![4], 4),
            (3, vec![3, 4], 4),
            (0, vec![0, 0], 4),
            (1, vec![0, 1], 4),
            (0, vec![1, 2], 4),
            (0, vec![0, 1, 2], 2),
        ] {
            assert!(!is_order(first, &from, len), "{first} {from:?} {len}");
        }
    }

    #[test]
    fn d3_elements_are_put_in_order_and_leave_no_hole() {
        for (indices, len) in
            [(vec![], 0), (vec![0], 0), (vec![0, 1, 2], 0), (vec![3], 3), (vec![0, 3, 5], 3)]
        {
            assert!(are_free(indices.iter().copied(), len), "{indices:?} {len}");
        }
        for (indices, len) in [
            (vec![1], 0),
            (vec![0, 0], 3),
            (vec![1, 0], 3),
            (vec![0, 2], 0),
            (vec![4], 3),
            (vec![0, 1, 6], 3),
        ] {
            assert!(!are_free(indices.iter().copied(), len), "{indices:?} {len}");
        }
    }
}
