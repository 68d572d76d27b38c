//! [`Transaction`]: several writes that become one commit.

use std::fmt;

use super::Written;
use crate::cell::Reversible;
use crate::cell::transaction::InPlace;
use crate::path::{Access, Collection, Here, Mode, PatchDiff, Place, State, Walk};

/// The state inside [`Model::transaction`](super::Model::transaction).
///
/// A transaction reads its own writes; other threads observe them after the closure has
/// returned `Ok`.
///
/// Writes are made in the state itself, under the lock, and reverted if the transaction
/// fails, so the cost of a transaction is that of its writes. Only while a snapshot is
/// held, the first write clones the state. A write returns a clone of the replaced value,
/// since the original is kept for reverting. A write that fails with
/// [`Absent`](crate::error::Absent) does not affect the others; `?` on the error reverts
/// all of them.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// let written: Result<(), &str> = tv.transaction(|tx| {
///     tx.set(Tv::PATHS.url, Some("alien.mp4".into()));
///     tx.set(Tv::PATHS.position, 0);
///     Ok(())
/// });
/// assert_eq!((written, tv.version()), (Ok(()), 1)); // one commit
/// ```
pub struct Transaction<'a, T: 'static> {
    state: InPlace<'a, T>,
}

impl<'a, T: State + Clone + Send + Sync> Transaction<'a, T> {
    pub(super) fn new(state: InPlace<'a, T>) -> Self {
        Self { state }
    }

    #[cfg(feature = "serde")]
    pub(crate) fn in_place(&mut self) -> &mut InPlace<'a, T> {
        &mut self.state
    }

    /// The state with the writes so far.
    ///
    /// Returns a reference, at no cost.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     tx.set(Tv::PATHS.position, 7);
    ///     assert_eq!(tx.state().position, 7);
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn state(&self) -> &T {
        self.state.state()
    }

    /// Returns a clone of the value at `place`; an `Option` if the place may be absent.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     tx.set(Tv::PATHS.position, 7);
    ///     assert_eq!(tx.get(Tv::PATHS.position), 7);
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn get<P>(&self, place: P) -> <P::Mode as Mode>::Read<P::Value>
    where
        P: Place<T>,
        P::Value: Clone,
    {
        P::Mode::__read(place.__walk().get(self.state.state()).cloned())
    }

    /// Sets the value at `place` and returns the old one.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent) if the place does not exist.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     assert_eq!(tx.set(Tv::PATHS.position, 7), 0);
    ///     assert!(tx.set(Tv::PATHS.url.some(), "alien.mp4".into()).is_err());
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn set<P>(&mut self, place: P, value: P::Value) -> Written<T, P, P::Value>
    where
        P: Place<T>,
        P::Value: Clone + PartialEq,
    {
        P::Mode::__written(self.state.set(&place.__walk(), value))
    }

    /// Takes the value at `place` and leaves its default there.
    ///
    /// # Errors
    ///
    /// The same as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     tx.set(Tv::PATHS.url, Some("alien.mp4".into()));
    ///     assert_eq!(tx.take(Tv::PATHS.url).as_deref(), Some("alien.mp4"));
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn take<P>(&mut self, place: P) -> Written<T, P, P::Value>
    where
        P: Place<T>,
        P::Value: Clone + PartialEq + Default,
    {
        self.set(place, P::Value::default())
    }

    /// Changes the value at `place`.
    ///
    /// `f` receives a clone of the value, which then replaces the value. Returns the result
    /// of `f`. If `f` panics, this write is not made, and unless the caller catches the
    /// panic, the whole transaction is reverted.
    ///
    /// # Errors
    ///
    /// The same as for [`set`](Self::set); `f` is not called then.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     tx.update_at(Tv::PATHS.position, |position| *position += 10);
    ///     assert_eq!(tx.get(Tv::PATHS.position), 10);
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn update_at<P, U>(
        &mut self,
        place: P,
        f: impl FnOnce(&mut P::Value) -> U,
    ) -> Written<T, P, U>
    where
        P: Place<T>,
        P::Value: Clone + PartialEq,
    {
        P::Mode::__written(self.state.update(&place.__walk(), f))
    }

    /// Merges `patch` into the root.
    ///
    /// A patch without fields writes nothing.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     tx.patch(TvPatch::new().position(7));
    ///     assert_eq!(tx.get(Tv::PATHS.position), 7);
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn patch<P: PatchDiff<T> + 'static>(&mut self, patch: P) {
        // The root always exists.
        let _ = self.state.patch(&Access::of::<Here<T>>(), patch);
    }

    /// Merges `patch` into the struct at `place`.
    ///
    /// # Errors
    ///
    /// The same as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { playback: Playback }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Playback { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     tx.patch_at(Tv::PATHS.playback, PlaybackPatch::new().position(7));
    ///     assert_eq!(tx.get(Tv::PATHS.playback.position), 7);
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn patch_at<P, Q>(&mut self, place: P, patch: Q) -> Written<T, P, ()>
    where
        P: Place<T>,
        Q: PatchDiff<P::Value> + 'static,
    {
        P::Mode::__written(self.state.patch(&place.__walk(), patch))
    }

    /// Makes `operation` on the collection at `place`.
    pub(super) fn run<P, O>(&mut self, place: P, operation: O) -> Written<T, P, O::Output>
    where
        P: Place<T>,
        P::Value: Collection,
        O: Reversible<P::Value>,
    {
        P::Mode::__written(self.state.run(&place.__walk(), operation))
    }
}

impl<T: fmt::Debug + Clone + Send + Sync> fmt::Debug for Transaction<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Transaction").field(self.state.state()).finish()
    }
}
