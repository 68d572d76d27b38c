//! The operations on collections. [`At`] makes one at a place of the state.
//!
//! An operation knows a collection and no place. Making it and taking it back runs none of
//! the user's closures, which run in [`Operation::prepare`]; an operation keeps the entries
//! that it removes.

mod insert;
mod lists;
mod remove;
mod sort;
mod upsert;

use std::any::Any;
use std::marker::PhantomData;

pub(crate) use self::insert::{AddMember, Insert, InsertIfAbsent};
pub(crate) use self::lists::{Append, InsertAt};
pub(crate) use self::remove::{Remove, Retain};
pub(crate) use self::sort::Sort;
pub(crate) use self::upsert::Upsert;
use super::change::{Comparison, Diff, EntryChange, WrittenKeys};
use super::{CellWrite, CheckedWrite, absent, location};
#[cfg(feature = "serde")]
use crate::delta::{Doing, Footprint, Footprints};
use crate::error::Absent;
#[cfg(feature = "serde")]
use crate::path::AnyKey;
use crate::path::{Collection, Node, Walk};

/// A write of entries of a collection, which can be made, reverted, and made again.
pub(crate) trait EntryWrite<C: Collection> {
    /// Makes or reverts the write.
    fn swap(&mut self, target: &mut C);

    /// The entries that it changes.
    fn change(&self) -> EntryChange;

    /// Passes the keys of the written entries, unless they are a range of elements.
    fn keys(&self, visit: &mut dyn FnMut(&C::Key));

    /// Whether the entries are equal to the earlier ones.
    fn is_equal(&self) -> bool {
        false
    }

    /// The change of entries, by their keys, or of the elements of a list.
    #[cfg(feature = "serde")]
    fn doings(&self) -> Vec<(Option<AnyKey>, Doing)>;
}

/// A write of entries as a caller requests it.
pub(crate) trait Operation<C: Collection>: EntryWrite<C> {
    /// The result for the caller.
    type Output: 'static;
    /// Values of the user's that are dropped outside of the lock.
    type Leftover: 'static;

    /// Checks the collection; the user's closures run here. Returns whether there is
    /// something to write.
    fn prepare(&mut self, current: &C) -> bool;

    fn finish(self) -> (Self::Output, Self::Leftover);
}

/// An operation in a transaction: the removed values stay with the write, so that the
/// transaction can revert it, and the caller receives a clone.
pub(crate) trait Reversible<C: Collection>: Operation<C> {
    /// The write without the user's closures.
    type Reversal: EntryWrite<C> + 'static;

    /// The result for the caller once the prepared operation is made.
    fn output(&self, current: &C) -> Self::Output;

    fn reversal(self) -> Self::Reversal;
}

/// An operation on the collection that a walk leads to.
pub(crate) struct At<W, O, D> {
    walk: W,
    operation: O,
    /// Whether the collection exists.
    is_there: bool,
    discarded: D,
}

impl<W, O, D: Default> At<W, O, D> {
    pub(crate) fn new(walk: W, operation: O) -> Self {
        Self { walk, operation, is_there: false, discarded: D::default() }
    }

    /// The operation's output, once the lock is released.
    pub(crate) fn finish<T, C>(self) -> Result<O::Output, Absent>
    where
        W: Walk<T, Value = C>,
        C: Collection,
        O: Operation<C>,
    {
        if self.is_there { Ok(self.operation.finish().0) } else { Err(absent(&self.walk)) }
    }
}

impl<T, W, C, O> CellWrite<T> for At<W, O, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Collection,
    O: Operation<C>,
{
    #[inline]
    fn node(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_>)) {
        diff(&self.walk, &self.operation, visit);
    }

    fn swap(&mut self, target: &mut T) {
        if let Some(collection) = self.walk.get_mut(target, &mut self.discarded) {
            self.operation.swap(collection);
        }
    }

    #[cfg(feature = "serde")]
    fn footprints<'a>(&'a self, _: &'a T) -> Option<Footprints<'a>> {
        Some(footprints(&self.walk, &self.operation))
    }
}

impl<T, W, C, O> CheckedWrite<T> for At<W, O, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Collection,
    O: Operation<C>,
{
    fn prepare(&mut self, current: &T) -> bool {
        let collection = self.walk.get(current);
        self.is_there = collection.is_some();
        collection.is_some_and(|collection| self.operation.prepare(collection))
    }
}

/// A write of entries of the collection that a walk leads to, prepared before.
pub(crate) struct EntriesAt<W, O, D> {
    walk: W,
    write: O,
    discarded: D,
}

impl<W, O, D: Default> EntriesAt<W, O, D> {
    pub(crate) fn new(walk: W, write: O) -> Self {
        Self { walk, write, discarded: D::default() }
    }
}

impl<T, W, C, O> CellWrite<T> for EntriesAt<W, O, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Collection,
    O: EntryWrite<C>,
{
    fn node(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_>)) {
        diff(&self.walk, &self.write, visit);
    }

    fn with_keys(&self, visit: &mut dyn FnMut(Option<&dyn WrittenKeys>)) {
        let (walk, write) = (&self.walk, &self.write);
        visit(Some(&EntryKeys { walk, write, state: PhantomData }));
    }

    fn swap(&mut self, target: &mut T) {
        if let Some(collection) = self.walk.get_mut(target, &mut self.discarded) {
            self.write.swap(collection);
        }
    }

    #[cfg(feature = "serde")]
    fn footprints<'a>(&'a self, _: &'a T) -> Option<Footprints<'a>> {
        Some(footprints(&self.walk, &self.write))
    }
}

fn diff<T, W, C, O>(walk: &W, write: &O, visit: &mut dyn FnMut(Diff<'_>))
where
    W: Walk<T, Value = C>,
    C: Collection,
    O: EntryWrite<C>,
{
    if !write.is_equal() {
        let entries = Some(&write.change());
        let keys = &EntryKeys { walk, write, state: PhantomData };
        let keys = Some(keys as &dyn WrittenKeys);
        visit(Diff { at: &location(walk), entries, keys, comparison: Comparison::Later });
    }
}

/// The keys of a write of entries at its place.
struct EntryKeys<'a, T, W, O> {
    walk: &'a W,
    write: &'a O,
    state: PhantomData<fn() -> T>,
}

impl<T, W, C, O> WrittenKeys for EntryKeys<'_, T, W, O>
where
    W: Walk<T, Value = C>,
    C: Collection,
    O: EntryWrite<C>,
{
    fn on_the_way(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.walk.keys(visit);
    }

    fn of_entries(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.write.keys(&mut |key| visit(key));
    }
}

#[cfg(feature = "serde")]
fn footprints<'a, T, W, C, O>(walk: &W, write: &O) -> Footprints<'a>
where
    W: Walk<T, Value = C>,
    C: Collection,
    O: EntryWrite<C>,
{
    Footprint::of_entries(&|hops| walk.hops(hops), write.doings())
}
