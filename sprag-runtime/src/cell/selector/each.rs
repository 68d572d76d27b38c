//! A selector of every entry of a collection: notified once for each that changed.

use std::sync::Arc;

#[cfg(feature = "serde")]
use super::SelectPlaces;
use super::{CommitInfo, Select, Selector, UsersValue};
use crate::cell::watched::{WatchEach, WatchedEach};
#[cfg(feature = "serde")]
use crate::path::Hop;
use crate::path::{Collection, Each, State, Walk};

/// Selects every entry of a collection.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct EachSelect<W, I> {
    each: WatchedEach<W, I>,
}

/// The kind of a selector of every entry.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct ByEach;

/// The part of a commit that is kept for the subscribers.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub enum CapturedEntries<T, K, V> {
    Changed(Vec<(K, Option<V>)>),
    /// All entries of a state.
    All(Arc<T>),
}

#[diagnostic::do_not_recommend]
impl<T, W, C, I> Selector<T, ByEach> for Each<T, W, I>
where
    T: Send + Sync + 'static,
    W: Walk<T, Value = C>,
    C: Collection<Item: State>,
    I: Walk<C::Item>,
{
    type Value = I::Value;
    type __Select = EachSelect<W::Owned, I::Owned>;

    fn __select(self) -> Self::__Select {
        EachSelect { each: WatchedEach::of(self.collection.owned(), self.inner.owned()) }
    }
}

impl<T, W, C, I> Select<T> for EachSelect<W, I>
where
    T: Send + Sync + 'static,
    W: Walk<T, Value = C> + 'static,
    C: Collection<Item: State>,
    I: Walk<C::Item, Value: Clone + PartialEq + Send + Sync> + 'static,
{
    type Captured = CapturedEntries<T, C::Key, I::Value>;
    type Resolved = Vec<(C::Key, Option<I::Value>)>;
    type Item<'a> = (&'a C::Key, Option<&'a I::Value>);

    const MANY: bool = true;

    fn watch_each(&self) -> Option<&dyn WatchEach<T>> {
        Some(&self.each)
    }

    fn capture(&self, state: &Arc<T>, commit: &CommitInfo<'_, T>) -> Self::Captured {
        match commit.touched(self.each.id()) {
            Some(touched) => CapturedEntries::Changed(self.each.changed(touched, &**state)),
            None => CapturedEntries::All(Arc::clone(state)),
        }
    }

    fn discard(captured: Self::Captured) -> Option<UsersValue> {
        match captured {
            CapturedEntries::Changed(entries) => Some(Box::new(entries)),
            CapturedEntries::All(_) => None,
        }
    }

    fn resolve(&self, captured: Self::Captured) -> Option<Self::Resolved> {
        Some(match captured {
            CapturedEntries::Changed(entries) => entries,
            CapturedEntries::All(state) => self.each.all(&*state),
        })
    }

    fn each_item(&self, entries: &Self::Resolved, mut call: impl FnMut(Self::Item<'_>)) {
        entries.iter().for_each(|(key, value)| call((key, value.as_ref())));
    }
}

#[cfg(feature = "serde")]
#[expect(private_interfaces, reason = "hidden")]
impl<T, W, C, I> SelectPlaces<T> for EachSelect<W, I>
where
    T: Send + Sync + 'static,
    W: Walk<T, Value = C> + 'static,
    C: Collection<Item: State>,
    I: Walk<C::Item, Value: Clone + PartialEq + Send + Sync> + 'static,
{
    fn places(&self) -> Vec<(Vec<Hop>, Option<usize>)> {
        let (hops, every) = self.each.hops();
        vec![(hops, Some(every))]
    }
}
