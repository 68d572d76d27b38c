//! The traits of collections: the bounds of `.at(i)`, of `.key(k)` and of the writes of
//! entries.
//!
//! A write may have to be reverted, so each operation has an inverse. An operation returns
//! the removed entries, since their drop is users' code and must not run under a lock.

use std::borrow::Borrow;
use std::fmt::Debug;

use super::key::{IntoKey, Key};
use super::location::EntryId;

#[cfg(feature = "imbl")]
mod imbl;
mod implement;
#[cfg(feature = "indexmap")]
mod indexmap;
mod standard;

/// A collection whose entries have places: a [`Sequence`], a [`Map`] or a [`Set`].
///
/// In a state, a collection is also an ordinary value, which `get` clones and `set`
/// replaces.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::BTreeMap;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Tv {
///     queue: Vec<String>,          // `at`, `push`, `pop`, `sort`, `remove`, `retain`
///     seen: BTreeMap<u64, String>, // `key`, `insert`, `remove`, `retain`
/// }
///
/// let tv = create_model("tv", Tv::default());
/// tv.push(Tv::PATHS.queue, "alien.mp4".into());
/// tv.insert(Tv::PATHS.seen, 7, "Alien".into());
/// assert_eq!(tv.get(Tv::PATHS.seen.key(7)).as_deref(), Some("Alien"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no entries to find by a key or an index",
    label = "a key in brackets needs a map or a set, an index a `Vec`, a `VecDeque` or an array"
)]
pub trait Collection: 'static {
    /// The type of the keys; an index is a `usize`, counted from 0.
    type Key: Key;
    /// The type of the value of an entry; `()` in a set.
    type Item: 'static;
    /// The item of the collection's `iter`: `&Item`, `(&Key, &Item)`, or `&Key` in a set.
    type Entry<'a>;

    /// The step to an entry, behind the walk `W`. `Q` is the type of the key in the path,
    /// and `K` the kind of the tree below the entry.
    #[doc(hidden)]
    type __Step<W, Q, K>;

    #[doc(hidden)]
    fn __step<W, Q: IntoKey<Self::Key>, K>(walk: W, key: Q) -> Self::__Step<W, Q::Held, K>;

    #[doc(hidden)]
    fn __len(&self) -> usize;
    #[doc(hidden)]
    fn __get(&self, key: &Self::Key) -> Option<&Self::Item>;
    #[doc(hidden)]
    fn __get_mut(&mut self, key: &Self::Key) -> Option<&mut Self::Item>;
    #[doc(hidden)]
    fn __id(key: &Self::Key) -> EntryId;
    /// Passes every entry to `visit`, in the order of the collection's iterator.
    #[doc(hidden)]
    fn __each(&self, visit: &mut dyn FnMut(&Self::Key, &Self::Item));
}

/// A collection in order, found by index.
///
/// ```
/// # use sprag::prelude::*;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Tv {
///     volumes: [u8; 2], // a place each, though none comes or goes
/// }
///
/// let tv = create_model("tv", Tv::default());
/// tv.set(Tv::PATHS.volumes.at(1), 3)?;
/// assert!(tv.set(Tv::PATHS.volumes.at(2), 3).is_err());
/// # Ok::<(), sprag::error::Absent>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no elements to find by index",
    label = "`.at(index)` and `sort` need a `Vec`, a `VecDeque` or an array"
)]
pub trait Sequence: Collection<Key = usize> {
    #[doc(hidden)]
    fn __swap(&mut self, a: usize, b: usize);
}

/// A collection whose entries are found by key: a [`Map`] or a [`Set`].
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::BTreeMap;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct House {
///     users: BTreeMap<String, u64>,
/// }
///
/// let house = create_model("house", House::default());
/// house.insert(House::PATHS.users, "ada", 36);
/// assert_eq!(house.select(House::PATHS.users.keys()), vec!["ada"]);
/// assert!(house.select(House::PATHS.users.contains("ada")));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no entries to find by key",
    label = "`.key(key)`, `.keys()` and `.contains(key)` need a map or a set"
)]
pub trait Keyed: Resizable {
    /// Its keys as a value of its own: in order where the collection has one.
    type Keys: Clone + PartialEq + Debug + Send + Sync + 'static;

    #[doc(hidden)]
    fn __keys(&self) -> Self::Keys;
    /// Whether the collection has exactly these keys. Clones none.
    #[doc(hidden)]
    fn __has_keys(&self, keys: &Self::Keys) -> bool;
    /// Whether the collection has the keys of `other`. Clones no key.
    #[doc(hidden)]
    fn __has_keys_of(&self, other: &Self) -> bool;
    /// Passes every key to `visit`, in the order of the map's iterator.
    #[doc(hidden)]
    fn __each_key(&self, visit: &mut dyn FnMut(&Self::Key));
    /// Passes the first `limit` keys to `visit`, in that order.
    #[doc(hidden)]
    fn __first_keys(&self, limit: usize, visit: &mut dyn FnMut(&Self::Key));
    /// Adds an entry at the end, for a new key.
    #[doc(hidden)]
    fn __add(&mut self, key: Self::Key, item: Self::Item);
    #[doc(hidden)]
    fn __find(&self, key: &str) -> Option<&Self::Item>
    where
        Self::Key: Borrow<str>;
    #[doc(hidden)]
    fn __find_mut(&mut self, key: &str) -> Option<&mut Self::Item>
    where
        Self::Key: Borrow<str>;
}

/// A collection of values under keys.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::HashMap;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct House {
///     users: HashMap<String, u64>,
/// }
///
/// let house = create_model("house", House::default());
/// house.insert(House::PATHS.users, "ada", 36);
/// assert_eq!(house.get(House::PATHS.users.key("ada")), Some(36));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no values under keys",
    label = "`insert` needs a map; `push` is for lists, `add` for sets"
)]
pub trait Map: Keyed {}

/// A collection of distinct members: `HashSet`, `BTreeSet`, and the sets of `imbl` and
/// `indexmap`.
///
/// A member is its own key, and the value at its place is `()`: the place exists or is
/// absent. `.contains(member)` selects that as a `bool`. In changesets, as text and in
/// addresses the value at the place is the member; see [`Part::Member`].
///
/// [`Part::Member`]: crate::path::Part::Member
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::HashSet;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Song {
///     tags: HashSet<String>,
/// }
///
/// let song = create_model("song", Song::default());
/// assert!(song.add(Song::PATHS.tags, "rock"));
/// assert!(!song.add(Song::PATHS.tags, "rock")); // it was there
/// assert!(song.select(Song::PATHS.tags.contains("rock")));
/// song.remove(Song::PATHS.tags, "rock");
/// assert_eq!(song.get(Song::PATHS.tags.key("rock")), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set",
    label = "`add` needs a `HashSet`, a `BTreeSet`, or a set of `imbl` or `indexmap`"
)]
pub trait Set: Keyed<Item = ()> {
    /// Whether the members have another order than that of their `Ord`, in which equal sets
    /// may differ.
    #[doc(hidden)]
    const __ARRANGED: bool;

    /// The next member in the set's order; `None` behind the last one, and in a set without
    /// an order.
    #[doc(hidden)]
    fn __after(&self, member: &Self::Key) -> Option<&Self::Key>;
    /// The position of a member, in a set whose order is not that of the members' `Ord`.
    #[doc(hidden)]
    fn __position(&self, member: &Self::Key) -> Option<usize>;
}

/// A collection whose entries can be inserted and removed: all but arrays.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::BTreeMap;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Tv {
///     seen: BTreeMap<u64, String>,
/// }
///
/// let tv = create_model("tv", Tv { seen: [(7, "Alien".into()), (8, "Brazil".into())].into() });
/// tv.retain(Tv::PATHS.seen, |(_, title)| title.starts_with('A'));
/// assert_eq!(tv.select(Tv::PATHS.seen.len()), 1);
/// ```
#[diagnostic::on_unimplemented(
    message = "entries of `{Self}` cannot be added or removed",
    label = "`len`, `remove` and `retain` need a `Vec`, a `VecDeque`, a map or a set"
)]
pub trait Resizable: Collection {
    /// Whether removing an entry moves the later ones to other keys.
    #[doc(hidden)]
    const __SHIFTS: bool;

    /// Removes an entry; in a sequence the later ones move up.
    #[doc(hidden)]
    fn __remove(&mut self, key: &Self::Key) -> Option<Removed<Self>>;
    /// Restores a removed entry at its old position.
    #[doc(hidden)]
    fn __restore(&mut self, removed: Removed<Self>);
    /// The keys of the entries that `keep` rejects, in order.
    #[doc(hidden)]
    fn __unwanted(&self, keep: &mut dyn FnMut(Self::Entry<'_>) -> bool) -> Vec<Self::Key>;
    /// Removes all of these entries.
    #[doc(hidden)]
    fn __remove_all(&mut self, keys: &[Self::Key], removed: &mut Vec<Removed<Self>>)
    where
        Self: Sized;
    /// Restores all of these entries at their old positions.
    #[doc(hidden)]
    fn __restore_all(&mut self, removed: Vec<Removed<Self>>);
}

/// A sequence that grows at its end.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::VecDeque;
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Tv {
///     queue: VecDeque<String>,
/// }
///
/// let tv = create_model("tv", Tv::default());
/// tv.extend(Tv::PATHS.queue, ["alien.mp4".into(), "brazil.mp4".into()]);
/// assert_eq!(tv.pop(Tv::PATHS.queue).as_deref(), Some("brazil.mp4"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no end to push to",
    label = "`push`, `pop` and `extend` need a `Vec` or a `VecDeque`"
)]
pub trait List: Sequence + Resizable {
    #[doc(hidden)]
    fn __push(&mut self, item: Self::Item);
    #[doc(hidden)]
    fn __pop(&mut self) -> Option<Self::Item>;
}

/// A removed entry.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Removed<C: Collection + ?Sized> {
    /// The old position, in an ordered collection.
    pub(super) position: usize,
    pub(super) key: C::Key,
    pub(crate) item: C::Item,
}

impl<C: Sequence> Removed<C> {
    /// An element to be inserted at `index`.
    pub(crate) fn element(index: usize, item: C::Item) -> Self {
        Self { position: index, key: index, item }
    }
}

impl<C: Collection> Removed<C> {
    pub(crate) fn into_parts(self) -> (C::Key, C::Item) {
        (self.key, self.item)
    }
}
