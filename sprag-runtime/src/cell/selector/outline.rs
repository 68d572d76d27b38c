//! A selector that is an outline of a collection: its length or its keys.

use std::sync::Arc;

use super::{CommitInfo, Select, SelectOne, Selector};
use crate::cell::watched::{CapturedValue, Watch, WatchedOutline};
use crate::path::{Mode, Outline, OutlineKind, Place, Walk};

/// Selects which entries a collection has.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct OutlineSelect<W, M, V> {
    outline: WatchedOutline<W, M, V>,
}

/// The kind of a selector that is an outline.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct ByOutline;

#[diagnostic::do_not_recommend]
impl<T, P, V> Selector<T, ByOutline> for Outline<P, V>
where
    T: Send + Sync + 'static,
    P: Place<T>,
    V: OutlineKind<P::Value>,
{
    type Value = V::Shown;
    type __Select = OutlineSelect<<P::__Walk as Walk<T>>::Owned, P::Mode, V>;

    fn __select(self) -> Self::__Select {
        OutlineSelect { outline: WatchedOutline::of(self.place) }
    }
}

impl<T, W, M, V> Select<T> for OutlineSelect<W, M, V>
where
    T: Send + Sync + 'static,
    W: Walk<T> + 'static,
    M: Mode,
    V: OutlineKind<W::Value>,
{
    type Captured = CapturedValue<T, V::Shown>;
    type Resolved = Option<V::Shown>;
    type Item<'a> = M::Ref<'a, V::Shown>;

    fn watch(&self, part: usize) -> Option<&dyn Watch<T>> {
        (part == 0).then_some(&self.outline)
    }

    fn capture(&self, state: &Arc<T>, _: &CommitInfo<'_, T>) -> Self::Captured {
        self.outline.capture_outline(state)
    }

    fn resolve(&self, captured: Self::Captured) -> Option<Self::Resolved> {
        Some(self.outline.outline_of(captured))
    }

    fn each_item(&self, resolved: &Self::Resolved, mut call: impl FnMut(Self::Item<'_>)) {
        call(self.item(resolved));
    }
}

impl<T, W, M, V> SelectOne<T> for OutlineSelect<W, M, V>
where
    T: Send + Sync + 'static,
    W: Walk<T> + 'static,
    M: Mode,
    V: OutlineKind<W::Value>,
{
    type Owned = M::Read<V::Shown>;

    fn item<'a>(&'a self, resolved: &'a Self::Resolved) -> Self::Item<'a> {
        M::__ref(resolved.as_ref())
    }

    fn to_owned(item: Self::Item<'_>) -> Self::Owned {
        M::__own(item)
    }
}
