//! A selector that is a closure over the whole state. The closure runs after every commit.

use std::marker::PhantomData;
use std::sync::Arc;

use super::last::LastResult;
use super::{CommitInfo, Select, SelectOne, Selector};

/// Selects the result of a closure for the whole state.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct ClosureSelect<F, U> {
    closure: F,
    last: LastResult<U>,
}

/// The kind of a selector that is a closure.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub struct ByClosure<U>(PhantomData<U>);

#[diagnostic::do_not_recommend]
impl<T, F, U> Selector<T, ByClosure<U>> for F
where
    F: Fn(&T) -> U + Send + Sync + 'static,
    U: Clone + PartialEq + Send + Sync + 'static,
{
    type __Select = ClosureSelect<F, U>;
    type Value = U;

    fn __select(self) -> ClosureSelect<F, U> {
        ClosureSelect { closure: self, last: LastResult::new() }
    }
}

impl<T, F, U> Select<T> for ClosureSelect<F, U>
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> U + Send + Sync + 'static,
    U: Clone + PartialEq + Send + Sync + 'static,
{
    type Captured = Arc<T>;
    type Resolved = U;
    type Item<'a> = &'a U;

    const BASELINE: bool = true;

    fn capture(&self, state: &Arc<T>, _: &CommitInfo<'_, T>) -> Arc<T> {
        Arc::clone(state)
    }

    fn resolve(&self, state: Arc<T>) -> Option<U> {
        self.last.changed((self.closure)(&state))
    }

    fn each_item(&self, resolved: &Self::Resolved, mut call: impl FnMut(Self::Item<'_>)) {
        call(self.item(resolved));
    }

    fn after_calls(&self, resolved: U) {
        self.last.put_back(resolved);
    }
}

impl<T, F, U> SelectOne<T> for ClosureSelect<F, U>
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> U + Send + Sync + 'static,
    U: Clone + PartialEq + Send + Sync + 'static,
{
    type Owned = U;

    fn item<'a>(&'a self, resolved: &'a U) -> &'a U {
        resolved
    }

    fn to_owned(item: &U) -> U {
        item.clone()
    }
}
