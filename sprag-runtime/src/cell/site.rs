//! A place that is watched: what the table asks of it, and how its value waits for
//! delivery. It knows neither subscribers nor selectors.

use std::any::Any;
use std::sync::Arc;

use crate::path::{Mode, Node, Place, Walk};

/// A watched place, whatever is there.
#[doc(hidden)]
pub trait AnySite<T> {
    /// Its node, and the hash of its key where there is one. Runs the key's `Hash`.
    fn place(&self) -> (Node, Option<u64>);
    /// Whether its value differs between two states.
    fn roots(&self, old: &T, new: &T) -> bool;
    /// Whether it differs between two values of its node.
    fn nodes(&self, old: Option<&dyn Any>, new: Option<&dyn Any>) -> bool;
    /// Its value now, to be compared with later.
    fn capture(&self, state: &T) -> Box<dyn Any + Send>;
    /// Whether its value is no longer the captured one.
    fn changed(&self, before: &dyn Any, state: &T) -> bool;
}

/// A selected value while it waits: a clone of its own where that is cheap, else
/// the snapshot that it stands in.
#[doc(hidden)]
#[derive(Debug)]
pub enum Kept<T, V> {
    Value(Option<V>),
    State(Arc<T>),
}

/// The place `P`.
pub(super) struct Site<T, P: Place<T>> {
    walk: P::__Walk,
}

impl<T, P: Place<T>> Site<T, P> {
    pub(super) fn of(place: P) -> Self {
        Self { walk: place.__walk() }
    }
}

impl<T, P> AnySite<T> for Site<T, P>
where
    T: Send + Sync + 'static,
    P: Place<T>,
    P::Value: Clone + PartialEq + Send + Sync,
{
    fn place(&self) -> (Node, Option<u64>) {
        (self.walk.node(), self.walk.key())
    }

    fn roots(&self, old: &T, new: &T) -> bool {
        self.walk.get(old) != self.walk.get(new)
    }

    fn nodes(&self, old: Option<&dyn Any>, new: Option<&dyn Any>) -> bool {
        let old = old.and_then(<dyn Any>::downcast_ref::<P::Value>);
        let new = new.and_then(<dyn Any>::downcast_ref::<P::Value>);
        old != new
    }

    fn capture(&self, state: &T) -> Box<dyn Any + Send> {
        Box::new(self.walk.get(state).cloned())
    }

    fn changed(&self, before: &dyn Any, state: &T) -> bool {
        let before = before.downcast_ref::<Option<P::Value>>();
        before.and_then(Option::as_ref) != self.walk.get(state)
    }
}

impl<T, P> Site<T, P>
where
    T: Send + Sync + 'static,
    P: Place<T>,
    P::Value: Clone + PartialEq + Send + Sync,
{
    #[inline]
    pub(super) fn keep(&self, state: &Arc<T>) -> Kept<T, P::Value> {
        if P::__CHEAP {
            Kept::Value(self.walk.get(state).cloned())
        } else {
            Kept::State(Arc::clone(state))
        }
    }

    #[inline]
    pub(super) fn show<'a>(
        &self,
        kept: &'a Kept<T, P::Value>,
    ) -> <P::Mode as Mode>::Ref<'a, P::Value> {
        P::Mode::__ref(match kept {
            Kept::Value(value) => value.as_ref(),
            Kept::State(state) => self.walk.get(state),
        })
    }
}
