//! Writes that put the elements of a sequence in another order.

use std::cmp::Ordering;
#[cfg(feature = "serde")]
use std::ops::Range;

use super::{EntryWrite, Operation, Reversible};
use crate::cell::write::change::EntryChange;
#[cfg(feature = "serde")]
use crate::delta::Doing;
#[cfg(feature = "serde")]
use crate::path::AnyKey;
use crate::path::Sequence;

/// Sorts a sequence.
pub(crate) struct Sort<F> {
    compare: F,
    order: Order,
}

impl<F> Sort<F> {
    pub(crate) fn by(compare: F) -> Self {
        Self { compare, order: Order::default() }
    }
}

impl<C: Sequence, F> EntryWrite<C> for Sort<F> {
    fn swap(&mut self, sequence: &mut C) {
        self.order.apply(sequence);
        self.order.invert();
    }

    fn change(&self) -> EntryChange {
        EntryChange::moved(self.order.first_moved())
    }

    fn keys(&self, _: &mut dyn FnMut(&usize)) {}

    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<AnyKey>, Doing)> {
        let moved = self.order.moved();
        vec![(None, Doing::Order(moved.start, self.order.0[moved].to_vec()))]
    }
}

impl<C, F> Operation<C> for Sort<F>
where
    C: Sequence,
    F: FnMut(&C::Item, &C::Item) -> Ordering,
{
    type Output = ();
    type Leftover = ();

    fn prepare(&mut self, sequence: &C) -> bool {
        self.order = Order::of(sequence, &mut self.compare);
        !self.order.is_idle()
    }

    fn finish(self) -> ((), ()) {
        ((), ())
    }
}

impl<C, F> Reversible<C> for Sort<F>
where
    C: Sequence,
    F: FnMut(&C::Item, &C::Item) -> Ordering,
{
    type Reversal = Sort<()>;

    fn output(&self, _: &C) {}

    fn reversal(self) -> Sort<()> {
        Sort { compare: (), order: self.order }
    }
}

/// A new order of a sequence: for each index, the index that its element comes from.
#[derive(Default)]
struct Order(Vec<usize>);

impl Order {
    /// The order that `compare` makes. The sort is stable.
    fn of<C: Sequence>(
        sequence: &C,
        compare: &mut dyn FnMut(&C::Item, &C::Item) -> Ordering,
    ) -> Self {
        let items: Vec<_> = (0..sequence.__len()).filter_map(|i| sequence.__get(&i)).collect();
        let mut order: Vec<_> = (0..items.len()).collect();
        order.sort_by(|&a, &b| compare(items[a], items[b]));
        Self(order)
    }

    /// Whether no element moves.
    fn is_idle(&self) -> bool {
        self.first_moved() == self.0.len()
    }

    /// The indices whose elements move, and those between them.
    #[cfg(feature = "serde")]
    fn moved(&self) -> Range<usize> {
        let last = self.0.iter().enumerate().rposition(|(to, &from)| to != from);
        self.first_moved()..last.map_or(self.0.len(), |last| last + 1)
    }

    fn first_moved(&self) -> usize {
        let moved = self.0.iter().enumerate().position(|(to, &from)| to != from);
        moved.unwrap_or(self.0.len())
    }

    /// Follows each cycle of elements that take each other's places.
    fn apply<C: Sequence>(&self, sequence: &mut C) {
        let mut order = self.0.clone();
        for start in 0..order.len() {
            let mut to = start;
            loop {
                let from = std::mem::replace(&mut order[to], to);
                if from == start {
                    break;
                }
                sequence.__swap(to, from);
                to = from;
            }
        }
    }

    fn invert(&mut self) {
        let mut inverse = vec![0; self.0.len()];
        for (to, &from) in self.0.iter().enumerate() {
            inverse[from] = to;
        }
        self.0 = inverse;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_a_sort_is_taken_back_and_made_again() {
        let unsorted = || vec![3_u32, 1, 4, 2];
        let (mut list, mut sort) = (unsorted(), Sort::by(u32::cmp));
        assert!(Operation::<Vec<u32>>::prepare(&mut sort, &list));
        for _ in 0..2 {
            EntryWrite::<Vec<u32>>::swap(&mut sort, &mut list);
            assert_eq!(list, [1, 2, 3, 4]);
            EntryWrite::<Vec<u32>>::swap(&mut sort, &mut list);
            assert_eq!(list, unsorted());
        }
    }
}
