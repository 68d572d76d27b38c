//! The methods of [`Model`], [`View`] and [`Store`] for text, addresses and JSON, written
//! once.

use serde_json::Value;

use super::{Description, JsonState, ToJsonState, get, write};
use crate::error::PathError;
use crate::model::Model;
use crate::path::{Address, Spelling, State};
use crate::store::Store;
use crate::view::View;

macro_rules! reading {
    ($($face:ident by $create:literal;)*) => {$(
        /// Places by text or address and values as JSON, for the edge: HTTP, an inspector,
        /// a command line. Elsewhere use typed paths, which the compiler checks.
        ///
        /// The text is the one that paths print: `playback.url`,
        /// `users.7.addresses.0.city`, `rooms."v1.2".topic`. Names are those that serde uses,
        /// flattened fields have none, an `Option` and its content are one place, and the empty
        /// text is the root. A map's key is the string that serde writes for it, in quotes
        /// where the key has a dot or a quote. A text that begins with `/` is a JSON Pointer
        /// into the serde form. An [`Address`] names a place in the serde form, as an array.
        ///
        /// The cost of a read or a write depends on the depth of the place and on the value
        /// there, even in a map. If serde cannot handle a type alone (a type with
        /// parameters as the item of a collection, a key whose type is behind an alias
        /// inside of another type), the cost is that of the nearest value around the place.
        impl<T: State + Clone + Send + Sync> $face<T> {
            /// The value at the place that `path` names, as JSON.
            ///
            /// Serialises the value outside of every lock. A value that serde leaves out
            /// at the moment (`skip_serializing_if`) is `null`.
            ///
            /// # Errors
            ///
            /// A [`PathError`], which says where the text stopped and what exists there.
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
                get(&*self.cell.snapshot(), &Address::parse(path)?, spelling(path))
            }

            /// The value at an [`Address`], as JSON; as [`get_value`](Self::get_value).
            ///
            /// # Errors
            ///
            /// A [`PathError`], which says where the address stopped and what exists there.
            ///
            /// ```
            /// # use serde::{Deserialize, Serialize};
            /// # use sprag::prelude::*;
            /// use sprag::path::Address;
            ///
            /// #[derive(Model, Clone, Default, Serialize, Deserialize)]
            /// struct Tv {
            ///     url: Option<String>,
            ///     position: u64,
            /// }
            ///
            #[doc = concat!("let tv = ", $create, "(\"tv\", Tv::default());")]
            /// assert_eq!(tv.get_at(&Address::from_iter(["position".into()]))?, 0);
            /// # Ok::<(), sprag::error::PathError>(())
            /// ```
            pub fn get_at(&self, place: &Address) -> Result<Value, PathError>
            where
                T: ToJsonState,
            {
                get(&*self.cell.snapshot(), place, Spelling::Wire)
            }

            /// Returns the tree of names, kinds, types and documentation as data, for an
            /// inspector.
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

reading! { View by "create_model"; Store by "create_store"; }

macro_rules! writing {
    ($($face:ident by $create:literal;)*) => {$(
        /// Writes of places by text or address, and of values as JSON.
        impl<T: State + Clone + Send + Sync> $face<T> {
            /// Sets the place that `path` names to `value`, in one commit; returns the
            /// version that the commit made.
            ///
            /// Only that place is written. A key that is not in the map is inserted; a
            /// list grows by `push` alone. Skipped parts of the place (`#[serde(skip)]`) stay
            /// where they are known to belong to the same value: under the same key, or in a list
            /// in an element that is equal in everything that serde shows; elsewhere, and inside
            /// of an `Arc`, a set or a leaf, they become the default.
            ///
            /// The value is read outside of the lock, and exchanged with the one at the
            /// place under it. A list whose elements have fields that serde leaves out is
            /// compared with the present one, which is done again where the state has
            /// changed since; after eight attempts under the lock, where a `Serialize` or
            /// `Deserialize` that touches this state panics.
            ///
            /// # Errors
            ///
            /// A [`PathError`]; nothing is changed then. A member that nothing has is one,
            /// as is a number that would not come back (`1e300` for an `f32`), and a value
            /// that would make the state nested more than 127 deep.
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
            /// let version = tv.set_value("url", "/media/movie.mp4".into())?;
            /// assert_eq!(tv.snapshot().url.as_deref(), Some("/media/movie.mp4"));
            ///
            /// assert!(tv.set_value("position", "soon".into()).is_err());
            /// assert_eq!((version, tv.version()), (1, 1));
            /// # Ok::<(), sprag::error::PathError>(())
            /// ```
            pub fn set_value(&self, path: &str, value: Value) -> Result<u64, PathError>
            where
                T: JsonState,
            {
                write::set(self.writer(), &Address::parse(path)?, spelling(path), &value)
            }

            /// Sets the place at an [`Address`]; as [`set_value`](Self::set_value).
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
            /// use sprag::path::Address;
            ///
            /// #[derive(Model, Clone, Default, Serialize, Deserialize)]
            /// struct Tv {
            ///     url: Option<String>,
            ///     position: u64,
            /// }
            ///
            #[doc = concat!("let tv = ", $create, "(\"tv\", Tv::default());")]
            /// tv.set_at(&Address::from_iter(["position".into()]), 7.into())?;
            /// assert_eq!(tv.snapshot().position, 7);
            /// # Ok::<(), sprag::error::PathError>(())
            /// ```
            pub fn set_at(&self, place: &Address, value: Value) -> Result<u64, PathError>
            where
                T: JsonState,
            {
                write::set(self.writer(), place, Spelling::Wire, &value)
            }

            /// Merges `patch` into the place that `path` names, as RFC 7396 (JSON merge
            /// patch) says, in one commit: objects are merged member by member, `null`
            /// removes a member, anything else replaces the value there. The empty path
            /// merges into the root. Returns the version that the commit made, or the
            /// present version where the patch names nothing.
            ///
            /// Each member is written at its own place, so that members that the patch
            /// does not name are neither read nor written. Another variant of an enum, and
            /// a `null` for a field that is not an `Option`, are written with the value
            /// around them; then the patch is prepared again where the state has changed
            /// since, as [`set_value`](Self::set_value) says.
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
            pub fn patch_value(&self, path: &str, patch: Value) -> Result<u64, PathError>
            where
                T: JsonState,
            {
                write::patch(self.writer(), &Address::parse(path)?, spelling(path), &patch)
            }

            /// Merges `patch` into the place at an [`Address`]; as
            /// [`patch_value`](Self::patch_value). (`patch_at` takes a typed place and a
            /// typed patch.)
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
            /// use sprag::path::Address;
            ///
            /// #[derive(Model, Clone, Default, Serialize, Deserialize)]
            /// struct Tv {
            ///     url: Option<String>,
            ///     position: u64,
            /// }
            ///
            #[doc = concat!("let tv = ", $create, "(\"tv\", Tv::default());")]
            /// tv.merge_at(&Address::default(), serde_json::json!({ "position": 7 }))?;
            /// assert_eq!(tv.snapshot().position, 7);
            /// # Ok::<(), sprag::error::PathError>(())
            /// ```
            pub fn merge_at(&self, place: &Address, patch: Value) -> Result<u64, PathError>
            where
                T: JsonState,
            {
                write::patch(self.writer(), place, Spelling::Wire, &patch)
            }
        }
    )*};
}

writing! { Model by "create_model"; Store by "create_store"; }

/// A JSON Pointer names places in the JSON of the state.
fn spelling(path: &str) -> Spelling {
    if path.starts_with('/') { Spelling::Wire } else { Spelling::Text }
}
