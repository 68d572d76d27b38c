//! A write, which is compared with the current state, made in place, and reverted.

mod change;
mod draft;
mod edit;
mod operations;
mod places;
#[cfg(feature = "serde")]
mod routed;
#[cfg(feature = "serde")]
mod step;

#[cfg(feature = "serde")]
use std::any::Any;
use std::fmt;
use std::sync::Arc;

pub(super) use self::change::{
    Comparison, Diff, EntryChange, EntryRange, OutlineChange, WrittenKeys,
};
pub(crate) use self::draft::Draft;
pub(super) use self::edit::WrittenPlace;
pub(crate) use self::operations::{
    AddMember, Append, At, EntriesAt, EntryWrite, Insert, InsertAt, InsertIfAbsent, Operation,
    Remove, Retain, Reversible, Sort, Upsert,
};
pub(crate) use self::places::{PatchAt, PatchRoot, SetPlace};
#[cfg(feature = "serde")]
pub(crate) use self::routed::{Routed, RoutedChange};
#[cfg(feature = "serde")]
pub(super) use self::step::StepAt;
#[cfg(feature = "serde")]
use crate::delta::{Both, Footprints, ValueOrigin};
use crate::error::Absent;
#[cfg(feature = "serde")]
use crate::path::Hops;
use crate::path::{Location, Node, PathText, Walk};

/// The fate of the state before a write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OldState {
    /// It becomes the new one in place, unless it is shared.
    Replaced,
    /// It is compared with the new one.
    #[cfg(feature = "serde")]
    Kept,
}

/// The result of a write that sets one value, if it is accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "serde"), expect(dead_code, reason = "changes need serde"))]
pub(crate) enum Swapped {
    /// The write is made.
    Made,
    /// There is no such place.
    Absent,
    /// The value is equal, or is not accepted; nothing is made.
    Refused,
}

/// A set of one value that is about to be made.
#[cfg(feature = "serde")]
pub(crate) struct OfferedSet<'a> {
    pub(crate) old: &'a dyn Any,
    pub(crate) new: &'a dyn Any,
    /// Puts copies of both in, if the type is one of scalars. Returns whether it is.
    pub(crate) put_scalars: &'a dyn Fn(&mut Both) -> bool,
    /// Passes the way to the place.
    pub(crate) way: &'a dyn Fn(&mut Hops),
}

/// Accepts a set before it is made.
#[cfg(feature = "serde")]
pub(crate) type AcceptSet<'a> = &'a mut dyn FnMut(&OfferedSet<'_>) -> bool;

/// A write that a cell can commit.
pub(crate) trait CellWrite<T: 'static> {
    /// The node that the write stays within, if there is one.
    fn node(&self) -> Option<Node> {
        None
    }

    /// Passes each written place with its old and new value, before the write.
    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_>));

    /// Passes the keys of the written places, where they are known.
    fn with_keys(&self, visit: &mut dyn FnMut(Option<&dyn WrittenKeys>)) {
        visit(None);
    }

    /// Exchanges the new values with the current ones; a second call restores them. Runs no
    /// users' code but `Hash` and `Ord` of keys.
    fn swap(&mut self, target: &mut T);

    /// The places of the write with the kind of change, for readers of changes as data;
    /// `None` if the write may change anything.
    #[cfg(feature = "serde")]
    fn footprints<'a>(&'a self, current: &'a T) -> Option<Footprints<'a>> {
        let _ = current;
        None
    }

    /// Passes the way to the place and returns the origin of the value, if the write sets one
    /// value.
    #[cfg(feature = "serde")]
    fn way(&self, hops: &mut Hops) -> Option<ValueOrigin> {
        let _ = hops;
        None
    }

    /// Like `swap`, for such a write, if `accept` returns true; a write of an equal value is
    /// not made.
    #[cfg(feature = "serde")]
    fn swap_accepted(&mut self, target: &mut T, accept: AcceptSet<'_>) -> Swapped {
        let _ = (target, accept);
        Swapped::Refused
    }

    /// Replaces the state, if the write has a whole new one. Returns the replaced `Arc`.
    fn replace_whole(&mut self, state: &mut Arc<T>) -> Option<Arc<T>> {
        let _ = state;
        None
    }

    /// Reverts the write, if it knows the way back itself. Returns whether it does.
    fn take_back(&mut self, state: &mut Arc<T>) -> bool {
        let _ = state;
        false
    }
}

/// Makes a write on a clone, if a snapshot is still held. Returns the replaced `Arc`,
/// whose drop is users' code.
///
/// Not `Arc::make_mut`: it would drop the old state under the lock if a reader drops
/// its snapshot at that moment.
pub(super) fn replace<T: Clone + 'static>(
    write: &mut dyn CellWrite<T>,
    state: &mut Arc<T>,
) -> Arc<T> {
    if let Some(old) = write.replace_whole(state) {
        return old;
    }
    let mut copy = T::clone(state);
    write.swap(&mut copy);
    std::mem::replace(state, Arc::new(copy))
}

/// Reverts a write. Returns the discarded `Arc` for the caller to drop.
pub(super) fn undo<T: 'static>(
    write: &mut dyn CellWrite<T>,
    state: &mut Arc<T>,
    replaced: Option<Arc<T>>,
) -> Option<Arc<T>> {
    if write.take_back(state) {
        return None;
    }
    match replaced {
        Some(old) => Some(std::mem::replace(state, old)),
        None => {
            write.swap(Arc::get_mut(state).expect("an uncommitted state has one owner"));
            None
        }
    }
}

/// A write that begins with a look at the state.
pub(crate) trait CheckedWrite<T: 'static>: CellWrite<T> {
    /// Whether all that [`prepare`](Self::prepare) does is to see whether the place exists,
    /// which [`swap_accepted`](CellWrite::swap_accepted) sees as well.
    fn only_checks_the_place(&self) -> bool {
        false
    }

    /// Whether the write runs none of the user's code, if it affects no subscriber.
    fn is_plain(&self) -> bool {
        false
    }

    /// Checks the current state, under the lock; the user's closures run here. Returns
    /// whether there is something to commit.
    fn prepare(&mut self, current: &T) -> bool;
}

/// The error for a place that does not exist.
pub(crate) fn absent<T, W: Walk<T>>(walk: &W) -> Absent {
    described(&|text| walk.describe(text))
}

fn described(describe: &dyn Fn(&mut PathText<'_>) -> fmt::Result) -> Absent {
    let mut path = String::new();
    // Writing to a `String` fails only where a key's `Debug` does.
    let _ = describe(&mut PathText::new(&mut path));
    Absent { path }
}

#[inline]
fn location<T, W: Walk<T>>(walk: &W) -> Location {
    let mut location = Location::root();
    walk.locate(&mut location);
    location
}
