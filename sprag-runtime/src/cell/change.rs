//! [`Change`]: the description of a commit for a callback.

use std::fmt;
use std::sync::Arc;

use super::Cell;
use super::origin::{Origin, only};
use super::selector::Select;
use super::subscribers::snapshot::{Callback, subscriber};

/// A handle that a callback can get back from its change.
#[doc(hidden)]
pub trait StateHandle {
    type State: 'static;
}

/// A commit that is being delivered.
pub(crate) struct Delivered<'a, T: 'static> {
    pub(super) cell: &'a Arc<Cell<T>>,
    version: u64,
    origins: &'a [Origin],
}

impl<'a, T: 'static> Delivered<'a, T> {
    #[inline]
    pub(super) fn new(cell: &'a Arc<Cell<T>>, version: u64, origins: &'a [Origin]) -> Self {
        Self { cell, version, origins }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

/// The commit that a subscriber is notified of.
///
/// `H` is the handle that was subscribed to: a [`Model`](crate::Model), a
/// [`Store`](crate::Store) or a [`View`](crate::View). The change returns that handle, so
/// the callback need not capture one, which would keep the state alive forever.
///
/// ```
/// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
/// # use sprag::prelude::*;
/// # let tv = create_model("tv", Tv::default());
/// let _clamped = tv.subscribe(Tv::PATHS.position, |&position, change| {
///     if position > 100 {
///         change.model().set(Tv::PATHS.position, 100);
///     }
/// });
/// tv.set(Tv::PATHS.position, 700);
/// assert_eq!(tv.get(Tv::PATHS.position), 100);
/// ```
pub struct Change<'a, H: StateHandle> {
    delivered: &'a Delivered<'a, H::State>,
}

impl<'a, H: StateHandle> Change<'a, H> {
    #[inline]
    pub(crate) fn new(delivered: &'a Delivered<'a, H::State>) -> Self {
        Self { delivered }
    }

    pub(crate) fn cell(&self) -> &Arc<Cell<H::State>> {
        self.delivered.cell
    }

    /// Returns the version that the commit made.
    ///
    /// In the first call of `subscribe_now` this is the version of the present value. The
    /// handle may be at a later version by now.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// # let tv = create_model("tv", Tv::default());
    /// let _log = tv.subscribe(Tv::PATHS.position, |_, change| assert_eq!(change.version(), 1));
    /// tv.set(Tv::PATHS.position, 7);
    /// # assert_eq!(tv.panics(), 0);
    /// ```
    pub fn version(&self) -> u64 {
        self.delivered.version
    }

    /// Returns the origin of the write, if the writer has one; `None` if several writers
    /// have one (see [`origins`](Self::origins)).
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// # let tv = create_model("tv", Tv::default());
    /// use sprag::state::Origin;
    ///
    /// let tab = Origin::new("tab", 3);
    /// let expected = tab.clone();
    /// let _log = tv.subscribe(Tv::PATHS.position, move |_, change| {
    ///     assert_eq!(change.origin(), Some(&expected));
    /// });
    /// tv.by(tab).set(Tv::PATHS.position, 7);
    /// # assert_eq!(tv.panics(), 0);
    /// ```
    pub fn origin(&self) -> Option<&'a Origin> {
        only(self.delivered.origins)
    }

    /// Returns the origins of all writers of the commit, in order.
    ///
    /// A commit has several origins if its changeset names several, for example on a log,
    /// where the writes of several callers share an entry. Writers without an origin are
    /// left out.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// # let tv = create_model("tv", Tv::default());
    /// use sprag::state::Origin;
    ///
    /// let tab = Origin::new("tab", 3);
    /// let expected = tab.clone();
    /// let _log = tv.subscribe(Tv::PATHS.position, move |_, change| {
    ///     assert_eq!(change.origins(), [expected.clone()]);
    /// });
    /// tv.by(tab).set(Tv::PATHS.position, 7);
    /// # assert_eq!(tv.panics(), 0);
    /// ```
    pub fn origins(&self) -> &'a [Origin] {
        self.delivered.origins
    }
}

impl<H: StateHandle<State: Clone + Send + Sync>> Change<'_, H> {
    /// Returns the name of the model or store.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// # let tv = create_model("tv", Tv::default());
    /// let _log = tv.subscribe(Tv::PATHS.position, |_, change| assert_eq!(change.name(), "tv"));
    /// tv.set(Tv::PATHS.position, 7);
    /// # assert_eq!(tv.panics(), 0);
    /// ```
    pub fn name(&self) -> &str {
        self.cell().name()
    }
}

/// The subscriber that calls `callback` with a [`Change`] that leads back to an `H`.
pub(crate) fn calling<H, S, F>(callback: F) -> Callback<H::State, S>
where
    H: StateHandle + 'static,
    S: Select<H::State>,
    F: for<'a> Fn(S::Item<'a>, &Change<'_, H>) + Send + Sync + 'static,
{
    subscriber::<H::State, S, _>(move |item: S::Item<'_>, delivered: &Delivered<'_, H::State>| {
        callback(item, &Change::new(delivered));
    })
}

impl<H: StateHandle> fmt::Debug for Change<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Change");
        out.field("version", &self.version()).field("origins", &self.origins());
        out.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::Origin;
    use crate::model::create_model;
    use crate::path::root;
    use crate::sync::Mutex;

    #[test]
    fn i6_a_callback_learns_the_origin_of_the_write() {
        let (number, seen) = (create_model("number", 0_u8), Arc::new(Mutex::new(Vec::new())));
        let log = Arc::clone(&seen);
        let _subscription = number.subscribe(root::<u8>(), move |value: &u8, change| {
            log.lock().push((*value, change.version(), change.origin().cloned()));
        });
        let tab = Origin::new("tab", 3);
        number.by(tab.clone()).set(root::<u8>(), 7);
        number.set(root::<u8>(), 8);
        assert_eq!(*seen.lock(), [(7, 1, Some(tab)), (8, 2, None)]);
    }
}
