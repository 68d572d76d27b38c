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
        /// Places in text or address form and values as JSON, for the edge: HTTP, an
        /// inspector, a command line. Elsewhere use typed paths, which the compiler checks.
        ///
        /// The text is the one that paths print: `playback.url`,
        /// `users.7.addresses.0.city`, `rooms."v1.2".topic`. Names are those of serde,
        /// flattened fields have none, an `Option` and its content are one place, and the
        /// empty text is the root. A map's key is the string that serde writes for it, in
        /// quotes if it contains a dot or a quote. A set's member is written like a key, and
        /// the value at its place is the member itself. A text that begins with `/` is a JSON
        /// Pointer into the JSON of the state. An [`Address`] names a place in that JSON,
        /// as an array.
        ///
        /// The cost of a read or a write depends on the depth of the place and on the value
        /// there, even in a map. If serde cannot handle a type alone (a type with
        /// parameters as the item of a collection, a key whose type is behind an alias
        /// inside of another type), the cost is that of the nearest value around the place.
        impl<T: State + Clone + Send + Sync> $face<T> {
            /// Returns the value at the place `path`, as JSON.
            ///
            /// Serialises the value outside of every lock. A value that serde omits at the
            /// moment (`skip_serializing_if`) is `null`.
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

            /// Returns the value at an [`Address`], as JSON. Like
            /// [`get_value`](Self::get_value).
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
            /// Sets the place `path` to `value`, in one commit; returns the version that
            /// the commit made.
            ///
            /// Only that place is written. A new key is inserted into a map; a member is
            /// added to a set if it is set to itself (`set_value("tags.rock", "rock".into())`);
            /// a list grows by `push` alone. Skipped parts of the place (`#[serde(skip)]`) are kept if
            /// they are known to belong to the same value: under the same key, or in a
            /// list, in an element that is equal in all parts that serde writes. Elsewhere,
            /// and inside of an `Arc`, a set or a leaf, they become the default.
            ///
            /// The value is read outside of the lock, and exchanged with the present one
            /// under the lock. A list whose elements have skipped fields is compared with
            /// the present one. The comparison is repeated if the state has changed since;
            /// after eight attempts it is made under the lock, where a `Serialize` or
            /// `Deserialize` that uses this state panics.
            ///
            /// # Errors
            ///
            /// A [`PathError`]; nothing is changed then. An unknown member is an error, and
            /// so is a number that would be read back as another one (`1e300` for an
            /// `f32`), and a value with which the state would be nested more than 127
            /// levels deep.
            ///
            /// # Panics
            ///
            /// The same as for every write.
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

            /// Sets the place at an [`Address`]. Like [`set_value`](Self::set_value).
            ///
            /// # Errors
            ///
            /// A [`PathError`]; nothing is changed then.
            ///
            /// # Panics
            ///
            /// The same as for every write.
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

            /// Merges `patch` into the place `path`, as RFC 7396 (JSON merge patch)
            /// defines, in one commit: objects are merged member by member, `null` removes
            /// a member, and any other value replaces the present one. The empty path
            /// merges into the root, and `null` for a member of a set removes it. Returns the version that the commit made, or the
            /// present version if the patch has no members.
            ///
            /// Each member is written at its own place, so other members are neither read
            /// nor written. Another variant of an enum, and a `null` for a field that is
            /// not an `Option`, are written with the containing value; the patch is then
            /// prepared again if the state has changed since, as for
            /// [`set_value`](Self::set_value).
            ///
            /// # Errors
            ///
            /// A [`PathError`]; nothing is changed then.
            ///
            /// # Panics
            ///
            /// The same as for every write.
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

            /// Merges `patch` into the place at an [`Address`]. Like
            /// [`patch_value`](Self::patch_value). (`patch_at` takes a typed place and a
            /// typed patch.)
            ///
            /// # Errors
            ///
            /// A [`PathError`]; nothing is changed then.
            ///
            /// # Panics
            ///
            /// The same as for every write.
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
