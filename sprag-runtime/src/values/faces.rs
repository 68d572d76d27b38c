//! What [`Model`] and [`Store`] offer for text and JSON, said once for both.

use serde_json::Value;

use super::{Description, JsonState, ToJsonState, get, patch, set};
use crate::error::PathError;
use crate::model::Model;
use crate::path::State;
use crate::store::Store;

macro_rules! faces {
    ($($face:ident by $create:literal;)*) => {$(
        /// Places by text and values as JSON, for the edge: HTTP, an inspector, a
        /// command line. Elsewhere use typed paths, which the compiler checks.
        ///
        /// The text is the one that paths print: `playback.url`,
        /// `users.7.addresses.0.city`. Names are those that serde uses, flattened fields
        /// have none, an `Option` and what it holds are one place, and the empty text is
        /// the root. A key may have dots in it; the longest that leads somewhere wins.
        impl<T: State + Clone + Send + Sync> $face<T> {
            /// The value at the place that `path` names, as JSON.
            ///
            /// Serialises what is there and nothing else, outside of every lock; a map
            /// is searched for its key. What serde leaves out at the moment
            /// (`skip_serializing_if`) is `null`.
            ///
            /// # Errors
            ///
            /// A [`PathError`] that says where the text stopped and what there is.
            ///
            /// ```
            /// # use serde::{Deserialize, Serialize};
            /// # use sprag::prelude::*;
            /// #[derive(Model, Clone, Default, Serialize, Deserialize)]
            /// struct Tv {
            ///     url: Option<String>,
            ///     position: u64,
            /// }
            ///
            #[doc = concat!("let tv = ", $create, "(\"tv\", Tv::default());")]
            /// assert_eq!(tv.get_value("position")?, 0);
            ///
            /// let error = tv.get_value("positon").unwrap_err();
            /// let text = "there is no `positon` in the state; did you mean `position`? \
            ///             it has `url`, `position`";
            /// assert_eq!(error.to_string(), text);
            /// # Ok::<(), sprag::error::PathError>(())
            /// ```
            pub fn get_value(&self, path: &str) -> Result<Value, PathError>
            where
                T: ToJsonState,
            {
                get(T::__SHAPE, &*self.cell.snapshot(), path)
            }

            /// Sets the place that `path` names to `value`, in one commit.
            ///
            /// Only that place is written: all else stays what it is, and so does what
            /// serde leaves out of the place itself (`#[serde(skip)]`), in entries of
            /// those with the same key or index. In an `Arc`, a set or a leaf it begins
            /// anew. A key that a map has not is inserted; a list grows by `push` alone.
            ///
            /// Serialises the whole state and reads it back, outside of the lock, and
            /// clones it under the lock: O(n) in the size of the state, which must
            /// survive the round trip through JSON (a `NaN` does not).
            ///
            /// # Errors
            ///
            /// A [`PathError`]; nothing is changed then. A value that would make the state
            /// nested more than 128 deep is one.
            ///
            /// # Panics
            ///
            /// As every write does.
            ///
            /// ```
            /// # use serde::{Deserialize, Serialize};
            /// # use sprag::prelude::*;
            /// #[derive(Model, Clone, Default, Serialize, Deserialize)]
            /// struct Tv {
            ///     url: Option<String>,
            ///     position: u64,
            /// }
            ///
            #[doc = concat!("let tv = ", $create, "(\"tv\", Tv::default());")]
            /// tv.set_value("url", "/media/movie.mp4".into())?;
            /// assert_eq!(tv.snapshot().url.as_deref(), Some("/media/movie.mp4"));
            ///
            /// assert!(tv.set_value("position", "soon".into()).is_err());
            /// assert_eq!(tv.version(), 1);
            /// # Ok::<(), sprag::error::PathError>(())
            /// ```
            pub fn set_value(&self, path: &str, value: Value) -> Result<(), PathError>
            where
                T: JsonState,
            {
                set(&self.cell, path, value)
            }

            /// Merges `patch` into the place that `path` names, as RFC 7396 (JSON merge
            /// patch) says, in one commit: objects are merged member by member, `null`
            /// takes a member away, anything else replaces what is there. The empty path
            /// merges into the root.
            ///
            /// Atomic: nothing that others write meanwhile is lost. Costs what
            /// [`set_value`](Self::set_value) does, and is tried again where the state
            /// has changed meanwhile. After eight attempts the state is serialised and
            /// read under the lock, where a `Serialize` or `Deserialize` that touches
            /// this state panics.
            ///
            /// # Errors
            ///
            /// A [`PathError`]; nothing is changed then.
            ///
            /// # Panics
            ///
            /// As every write does.
            ///
            /// ```
            /// # use serde::{Deserialize, Serialize};
            /// # use sprag::prelude::*;
            /// #[derive(Model, Clone, Default, Serialize, Deserialize)]
            /// struct Tv {
            ///     url: Option<String>,
            ///     position: u64,
            /// }
            ///
            #[doc = concat!("let tv = ", $create, "(\"tv\", Tv { url: Some(\"/a\".into()), position: 3 });")]
            /// tv.patch_value("", serde_json::json!({ "url": null }))?;
            /// assert_eq!(tv.get_value("")?, serde_json::json!({ "url": null, "position": 3 }));
            /// # Ok::<(), sprag::error::PathError>(())
            /// ```
            pub fn patch_value(&self, path: &str, patch: Value) -> Result<(), PathError>
            where
                T: JsonState,
            {
                self::patch(&self.cell, path, &patch)
            }

            /// The tree of names, kinds, types and documentation, as data: what an
            /// inspector shows.
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// #[derive(Model, Clone, Default)]
            /// struct Tv {
            ///     /// In seconds.
            ///     position: u64,
            /// }
            ///
            #[doc = concat!("let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let position = &tv.describe().children[0];
            /// assert_eq!((position.name, position.type_name), ("position", "u64"));
            /// assert_eq!(position.doc, "In seconds.");
            /// ```
            pub fn describe(&self) -> Description {
                Description::of::<T>()
            }
        }
    )*};
}

faces! { Model by "create_model"; Store by "create_store"; }
