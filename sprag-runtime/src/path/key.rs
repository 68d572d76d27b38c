//! [`Key`], the bound of a map's keys, and [`IntoKey`], the bound of arguments that
//! represent a key.

use std::fmt::{self, Debug};
use std::hash::Hash;
use std::sync::Arc;

use super::collection::Keyed;
use super::location::EntryId;
use super::path_text::PathText;

/// A type whose values can be the keys of a map in a state.
///
/// Every type with these traits is a `Key`; the type need not be [`State`](super::State). A
/// key of an ordered map also needs `Ord`. Cells find the subscribers of an entry by the
/// hash of its key, so ordered maps need `Hash` too.
///
/// ```
/// # use sprag::prelude::*;
/// use std::collections::BTreeMap;
///
/// #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// struct RoomId(String); // not a `Model`
///
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct House {
///     rooms: BTreeMap<RoomId, u8>,
/// }
///
/// let house = create_model("house", House::default());
/// house.insert(House::PATHS.rooms, RoomId("attic".into()), 3);
/// assert_eq!(house.get(House::PATHS.rooms.key(RoomId("attic".into()))), Some(3));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a map in a state",
    label = "`{Self}` lacks a trait that keys need",
    note = "derive `Clone`, `Debug`, `PartialEq`, `Eq` and `Hash` for `{Self}`; a key is also `Send`, `Sync` and without borrows"
)]
pub trait Key: Clone + Debug + Hash + Eq + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<K: Clone + Debug + Hash + Eq + Send + Sync + 'static> Key for K {}

/// An argument that represents a key of type `K`: a `K`, a `&K`, and a `&str` if the keys
/// are strings.
///
/// A path holds the argument itself, so a path by `&str` is `Copy` and allocates nothing.
/// The argument is converted to a `K` when it must outlive the call: in a subscription, in
/// the writes of a transaction and in `changes()`.
///
/// `Into<K>` would leave the type of an integer literal open.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::HashMap;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct House { users: HashMap<String, u64> }
/// # let house = create_model("house", House::default());
/// let name = String::from("ada");
/// let (by_str, by_ref) = (House::PATHS.users.key("ada"), House::PATHS.users.key(&name));
/// house.insert(House::PATHS.users, name.clone(), 36);
/// assert_eq!((house.get(by_str), house.get(by_ref)), (Some(36), Some(36)));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key here, where keys are `{K}`",
    label = "not a `{K}`"
)]
pub trait IntoKey<K>: Clone + Send + Sync {
    /// The type that a path holds: always the type itself. For a key of a wrong type, this
    /// makes one error, and not one more at each use of the path.
    type Held: IntoKey<K>;

    /// Converts to the key.
    fn into_key(self) -> K;

    #[doc(hidden)]
    fn __held(self) -> Self::Held;
    #[doc(hidden)]
    fn __id(&self) -> EntryId;
    #[doc(hidden)]
    fn __find<'a, C: Keyed<Key = K>>(&self, map: &'a C) -> Option<&'a C::Item>;
    #[doc(hidden)]
    fn __find_mut<'a, C: Keyed<Key = K>>(&self, map: &'a mut C) -> Option<&'a mut C::Item>;
    #[doc(hidden)]
    fn __describe(&self, text: &mut PathText<'_>) -> fmt::Result;
}

#[diagnostic::do_not_recommend]
impl<K: Key> IntoKey<K> for K {
    type Held = Self;

    fn into_key(self) -> K {
        self
    }

    fn __held(self) -> Self {
        self
    }

    fn __id(&self) -> EntryId {
        EntryId::of_key(self)
    }

    fn __find<'a, C: Keyed<Key = K>>(&self, map: &'a C) -> Option<&'a C::Item> {
        map.__get(self)
    }

    fn __find_mut<'a, C: Keyed<Key = K>>(&self, map: &'a mut C) -> Option<&'a mut C::Item> {
        map.__get_mut(self)
    }

    fn __describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        text.key(self)
    }
}

#[diagnostic::do_not_recommend]
impl<K: Key> IntoKey<K> for &K {
    type Held = Self;

    fn into_key(self) -> K {
        self.clone()
    }

    fn __held(self) -> Self {
        self
    }

    fn __id(&self) -> EntryId {
        EntryId::of_key(*self)
    }

    fn __find<'a, C: Keyed<Key = K>>(&self, map: &'a C) -> Option<&'a C::Item> {
        map.__get(self)
    }

    fn __find_mut<'a, C: Keyed<Key = K>>(&self, map: &'a mut C) -> Option<&'a mut C::Item> {
        map.__get_mut(self)
    }

    fn __describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        text.key(*self)
    }
}

/// A `&str` for owned strings, whose `Borrow` promises the same hash and order.
macro_rules! strings {
    ($($string:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoKey<$string> for &str {
            type Held = Self;

            fn into_key(self) -> $string {
                self.into()
            }

            fn __held(self) -> Self {
                self
            }

            fn __id(&self) -> EntryId {
                EntryId::of_key(*self)
            }

            fn __find<'a, C: Keyed<Key = $string>>(&self, map: &'a C) -> Option<&'a C::Item> {
                map.__find(self)
            }

            fn __find_mut<'a, C: Keyed<Key = $string>>(
                &self,
                map: &'a mut C,
            ) -> Option<&'a mut C::Item> {
                map.__find_mut(self)
            }

            fn __describe(&self, text: &mut PathText<'_>) -> fmt::Result {
                text.name(self)
            }
        }
    )*};
}

strings!(String, Box<str>, Arc<str>);
#[cfg(feature = "smol_str")]
strings!(smol_str::SmolStr);
