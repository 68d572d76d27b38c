//! The methods of [`Model`], [`View`], [`Store`] and [`Transaction`] for changes as data.

use super::apply::{AppliedChangeset, Versions, make_ops};
use super::changeset::Changeset;
use super::history::History;
use super::plan::Surplus;
use super::stream::Changes;
use crate::delta::Known;
use crate::error::{ApplyError, ApplyIfError};
use crate::model::{Model, Transaction};
use crate::path::State;
use crate::store::Store;
use crate::view::View;

macro_rules! faces {
    ($($face:ident by $create:literal;)*) => {$(
        /// Changes as data: applying and reverting.
        impl<T: State + Clone + Send + Sync> $face<T> {
            /// Applies a changeset as one commit, and returns the version that the commit
            /// made.
            ///
            /// Subscribers are notified as if the places had been written by path. All ops
            /// are applied, or none. The commit has the handle's origin ([`by`](Self::by)),
            /// or if the handle has none, those of the changeset.
            ///
            /// In an insertion, `"-"` as the last part is the end of the list, as in a JSON
            /// Pointer: `["+", ["queue", "-"], "alien.mp4"]` appends. The commit's own
            /// changeset has the index.
            ///
            /// Costs O(depth + value) for each op, as the same write by path does; an element
            /// that is inserted into a list or removed from one moves those behind it.
            ///
            /// # Errors
            ///
            /// An [`ApplyError`], which says which op does not fit and why. A member that
            /// the value's type does not have is an error that lists those that it has, and
            /// a number outside the range of its place is one, as for `set_value`. Nothing
            /// is changed then.
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
            /// # struct Tv { url: Option<String>, position: u64 }
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let set = serde_json::from_str(r#"{"from":0,"to":1,"ops":[["=",["position"],7]]}"#)?;
            /// assert_eq!(tv.apply(&set)?, 1);
            /// assert_eq!(tv.snapshot().position, 7);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn apply(&self, set: &Changeset) -> Result<u64, ApplyError> {
                self.application(set, Versions::default()).make(&self.cell)
            }

            /// Like [`apply`](Self::apply), if the state is at the version that the changeset
            /// starts from.
            ///
            /// # Errors
            ///
            /// Also [`ApplyError::Version`].
            pub fn apply_at(&self, set: &Changeset) -> Result<u64, ApplyError> {
                let versions = Versions { at: Some(set.from), to: None };
                self.application(set, versions).make(&self.cell)
            }

            /// Like [`apply_at`](Self::apply_at); the commit makes the version that the
            /// changeset leads to, which may be any later one.
            ///
            /// For a state whose versions are determined elsewhere, such as a replica or a
            /// model on a log. The author may have an older type: members of a value that
            /// this type does not have are dropped, as serde does.
            ///
            /// # Errors
            ///
            /// The same as for [`apply_at`](Self::apply_at); also [`ApplyError::Version`]
            /// if the version that the changeset leads to is not a later one.
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
            /// # struct Tv { url: Option<String>, position: u64 }
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let set = serde_json::from_str(r#"{"from":0,"to":9,"ops":[["=",["position"],7]]}"#)?;
            /// tv.apply_as(&set)?;
            /// assert_eq!((tv.version(), tv.snapshot().position), (9, 7));
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn apply_as(&self, set: &Changeset) -> Result<u64, ApplyError> {
                let versions = Versions { at: Some(set.from), to: Some(set.to) };
                let applied = self.application(set, versions);
                AppliedChangeset { surplus: Surplus::Dropped, ..applied }.make(&self.cell)
            }

            /// Like [`apply`](Self::apply), if `now` accepts the state before the ops and
            /// `next` the state after them.
            ///
            /// Both run under the lock, so no other write comes between the checks and the
            /// commit; they must not use the same state.
            ///
            /// # Errors
            ///
            /// An [`ApplyIfError`]: the error of a check, or of an op that does not fit.
            /// Nothing is changed then.
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
            /// # struct Tv { url: Option<String>, position: u64 }
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// use sprag::error::ApplyIfError;
            ///
            /// let set = serde_json::from_str(r#"{"from":0,"to":1,"ops":[["=",["position"],7]]}"#)?;
            /// let is_short = |tv: &Tv| if tv.position < 5 { Ok(()) } else { Err("too far") };
            /// let refused = tv.apply_if(&set, |_| Ok(()), is_short);
            /// assert!(matches!(refused, Err(ApplyIfError::Refused("too far"))));
            /// assert_eq!((tv.version(), tv.snapshot().position), (0, 0));
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn apply_if<E>(
                &self,
                set: &Changeset,
                now: impl FnOnce(&T) -> Result<(), E>,
                next: impl FnOnce(&T) -> Result<(), E>,
            ) -> Result<u64, ApplyIfError<E>> {
                self.application(set, Versions::default()).make_if(&self.cell, now, next)
            }

            fn application<'a>(&'a self, set: &'a Changeset, versions: Versions) -> AppliedChangeset<'a> {
                let (root, origin) = (*Known::root::<T>(), self.origin.as_ref());
                AppliedChangeset { root, set, versions, origin, surplus: Surplus::Refused }
            }

            /// Returns a history of the writes from now on, whose last `count` entries can
            /// be undone.
            ///
            /// While the history exists, each write also records clones of the old and new
            /// values. Types need no serde. The history of a handle with an origin
            /// ([`by`](Self::by)) has the writes of this origin alone.
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// # #[derive(Model, Clone, Default, PartialEq)]
            /// # struct Tv { url: Option<String>, position: u64 }
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let history = tv.history(100);
            /// tv.update(|tv| tv.position = 7);
            /// history.undo()?;
            /// assert_eq!(tv.snapshot().position, 0);
            /// history.redo()?;
            /// assert_eq!(tv.snapshot().position, 7);
            /// # Ok::<(), sprag::error::HistoryError>(())
            /// ```
            ///
            /// With several writers, each undoes its own writes:
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// # #[derive(Model, Clone, Default, PartialEq)]
            /// # struct Tv { url: Option<String>, position: u64 }
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// use sprag::state::Origin;
            ///
            /// let (mine, theirs) = (tv.by(Origin::new("tab", 3)), tv.by(Origin::new("tab", 4)));
            /// let history = mine.history(100);
            /// mine.update(|tv| tv.position = 7);
            /// theirs.update(|tv| tv.url = Some("alien.mp4".into()));
            /// history.undo()?;
            /// assert_eq!(tv.snapshot().position, 0);
            /// assert_eq!(tv.snapshot().url.as_deref(), Some("alien.mp4"));
            /// # Ok::<(), sprag::error::HistoryError>(())
            /// ```
            pub fn history(&self, count: usize) -> History<T> {
                History::of(&self.cell, Known::root::<T>(), self.origin.clone(), count)
            }
        }
    )*};
}

macro_rules! followed {
    ($($face:ident by $create:literal;)*) => {$(
        /// Changes as data: observing.
        impl<T: State + Clone + Send + Sync> $face<T> {
            /// Returns a stream of every commit from now on, with the changed places as
            /// data.
            ///
            /// While the stream exists, each write also records clones of the new values.
            /// At most 1,024 commits wait for the reader ([`Changes::bound`] changes that);
            /// a slower reader gets [`Lagged`](crate::error::Lagged) with the number of
            /// lost commits. Dropping the stream unsubscribes.
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// # #[derive(Model, Clone, Default, PartialEq)]
            /// # struct Tv { url: Option<String>, position: u64 }
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// # pollster::block_on(async {
            /// # use futures_util::StreamExt;
            /// let mut changes = tv.changes();
            /// tv.update(|tv| tv.position = 7);
            /// let commit = changes.next().await.expect("the state lives")?;
            /// let change = commit.changes().next().expect("one place differs");
            /// assert_eq!((change.path(), change.value::<u64>()), ("position".into(), Some(&7)));
            /// # Ok::<(), sprag::error::Lagged>(())
            /// # }).unwrap();
            /// ```
            pub fn changes(&self) -> Changes<T> {
                Changes::of(&self.cell, Known::root::<T>())
            }
        }
    )*};
}

/// Changes as data: applying.
impl<T: State + Clone + Send + Sync> Transaction<'_, T> {
    /// Applies the ops of a changeset, after the writes so far. The transaction then makes
    /// a commit even if nothing differs. The versions and the origins of the changeset are
    /// ignored.
    ///
    /// # Errors
    ///
    /// An [`ApplyError`] at the first op that does not fit. The ops before it are made; `?`
    /// reverts all of them.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let set = serde_json::from_str(r#"{"from":0,"to":1,"ops":[["=",["position"],7]]}"#)?;
    /// tv.transaction(|tx| {
    ///     tx.apply(&set)?;
    ///     assert_eq!(tx.state().position, 7);
    ///     # Ok::<(), sprag::error::ApplyError>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply(&mut self, set: &Changeset) -> Result<(), ApplyError> {
        let state = self.in_place();
        state.commit_anyway();
        make_ops(state, *Known::root::<T>(), set, Surplus::Refused)
    }
}

followed! { View by "create_model"; Store by "create_store"; }
faces! { Model by "create_model"; Store by "create_store"; }
