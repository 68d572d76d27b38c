//! What [`Model`] and [`Store`] offer for changes as data, written once for both.

use super::apply::apply;
use super::changeset::Changeset;
use super::history::History;
use super::stream::Changes;
use crate::delta::Known;
use crate::error::ApplyError;
use crate::model::Model;
use crate::path::State;
use crate::store::Store;

macro_rules! faces {
    ($($face:ident by $create:literal;)*) => {$(
        /// Changes as data: followed, and applied.
        impl<T: State + Clone + Send + Sync> $face<T> {
            /// Every commit from now on, with the places that changed as data, for an async
            /// reader.
            ///
            /// While a stream lives, each write also keeps what it wrote: clones of the new
            /// values. At most 1,024 commits wait for the reader
            /// ([`Changes::bound`] says otherwise); who falls behind gets
            /// [`Lagged`](crate::error::Lagged) with the number of those that are lost.
            /// Dropping the stream unsubscribes.
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

            /// Applies a changeset as one commit, and returns the version that the commit
            /// made.
            ///
            /// Subscribers are notified as if the places had been written by path. All ops
            /// are applied or none.
            ///
            /// # Errors
            ///
            /// An [`ApplyError`] that says which op does not fit, and why. Nothing is
            /// changed then.
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
                apply(&self.cell, Known::root::<T>(), set, None)
            }

            /// As [`apply`](Self::apply), if the state is at the version that the changeset
            /// starts from.
            ///
            /// # Errors
            ///
            /// Also [`ApplyError::Version`].
            pub fn apply_at(&self, set: &Changeset) -> Result<u64, ApplyError> {
                apply(&self.cell, Known::root::<T>(), set, Some(set.from))
            }

            /// A history of the writes from now on, of which the last `count` entries can be
            /// undone.
            ///
            /// While it lives, each write also keeps what it replaced: clones of the old and
            /// new values. Types need no serde.
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
            pub fn history(&self, count: usize) -> History<T> {
                History::of(&self.cell, Known::root::<T>(), count)
            }
        }
    )*};
}

faces! { Model by "create_model"; Store by "create_store"; }
