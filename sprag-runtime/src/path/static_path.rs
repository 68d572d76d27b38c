//! [`Path`]: a place in a type's `PATHS`.

#![allow(clippy::type_complexity, reason = "the steps are in the type, so that nothing is boxed")]

use std::fmt;
use std::marker::PhantomData;

use super::collection::{Collection, Keyed, Resizable, Sequence};
use super::key::IntoKey;
use super::keyed::{EntryPath, KeyedPath};
use super::mode::{Mode, Partial, Whole};
use super::outline::{Keys, Len, Outline};
use super::path_text::PathText;
use super::place::{Contains, Mapped, Place, is_there};
use super::pointer::Pointer;
use super::state::State;
use super::steps::{Access, Chain, Deref, Element, Entry};
use super::walk::{Tree, Walk};

/// A path from a root `R` to a `V`: a `Copy` value of 24 to 48 bytes that can be in a
/// `const` or a `static`, and allocates nothing.
///
/// A model's `PATHS` contains its paths. The text of a path (`to_string`) is its names
/// joined by dots.
///
/// A path's mode says whether the place always exists: see [`PartialPath`].
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::path::{PartialPath, Path};
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { playback: Playback, current: Option<Track>, queue: Vec<Track> }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Playback { position: u64 }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Track { title: String }
/// const POSITION: Path<Tv, u64> = Tv::PATHS.playback.position;
/// static SHOWN: [Path<Tv, u64>; 1] = [POSITION];
///
/// assert_eq!(POSITION.to_string(), "playback.position");
/// assert_eq!(create_model("tv", Tv::default()).get(SHOWN[0]), 0);
/// ```
pub struct Path<R: State, V: State, M = Whole> {
    // The names are not those of users' fields: otherwise a misspelt field of the same name
    // would be "private" instead of unknown.
    pub(super) __access: Access<R, V>,
    pub(super) __inside: V::__Some<R>,
    pub(super) __mode: PhantomData<M>,
}

/// A path to a place that may be absent: behind an `Option` or in an enum variant.
///
/// Reading through the path returns an `Option`; writing returns an error while the place
/// is absent.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::path::{PartialPath, Path};
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { playback: Playback, current: Option<Track>, queue: Vec<Track> }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Playback { position: u64 }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Track { title: String }
/// const TITLE: PartialPath<Tv, String> = Tv::PATHS.current.some().title;
///
/// let tv = create_model("tv", Tv::default());
/// assert!(tv.set(TITLE, "Alien".into()).is_err()); // there is no track to name
/// tv.set(Tv::PATHS.current, Some(Track::default()));
/// assert!(tv.set(TITLE, "Alien".into()).is_ok());
/// assert_eq!(tv.get(TITLE).as_deref(), Some("Alien"));
/// ```
pub type PartialPath<R, V> = Path<R, V, Partial>;

impl<R: State, V: State, M> Clone for Path<R, V, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: State, V: State, M> Copy for Path<R, V, M> {}

impl<R: State, V: State, M: Mode> Path<R, V, M> {
    /// Appends `next`, a path that starts at this place's value.
    ///
    /// The place is absent if one of the two is. Both paths are kept unchanged: nothing is
    /// allocated, and each step costs the same as alone.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::path::{PartialPath, Path};
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { playback: Playback, current: Option<Track>, queue: Vec<Track> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Playback { position: u64 }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Track { title: String }
    /// let title = Tv::PATHS.queue.at(0).then(Track::PATHS.title);
    /// let tv = create_model("tv", Tv::default());
    /// assert_eq!(tv.get(title), None);
    /// assert_eq!(title.to_string(), "queue.0.title");
    /// ```
    pub fn then<P: Place<V>>(
        self,
        next: P,
    ) -> KeyedPath<R, Chain<Access<R, V>, P::__Walk>, M::__After<P::Mode>> {
        KeyedPath::new(Chain { first: self.__access, second: next.__walk() })
    }

    /// The place of an entry: the meaning of a key or an index in brackets in `path!`.
    #[doc(hidden)]
    pub fn entry<Q>(self, key: Q) -> EntryPath<R, V, Access<R, V>, Q::Held, Tree>
    where
        V: Collection,
        Q: IntoKey<V::Key>,
    {
        KeyedPath::new(V::__step(self.__access, key))
    }

    /// A selector: the result of `f` for the value at this place.
    ///
    /// Subscribers are notified only when the result has changed.
    ///
    /// `f` runs outside of every lock, after each commit that affected the place. Its
    /// argument is a reference, in an `Option` if the place may be absent.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::path::{PartialPath, Path};
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { playback: Playback, current: Option<Track>, queue: Vec<Track> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Playback { position: u64 }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Track { title: String }
    /// let tv = create_model("tv", Tv::default());
    /// let _minutes = tv.subscribe(Tv::PATHS.playback.position.map(|s| s / 60), |minutes, _| {
    ///     println!("{minutes} min"); // at most once a minute
    /// });
    /// ```
    pub fn map<U, F: Fn(M::Ref<'_, V>) -> U>(self, f: F) -> Mapped<Self, F> {
        Mapped { place: self, map: f }
    }
}

impl<R: State, V: State, M: Mode> Path<R, Option<V>, M> {
    /// The place inside the `Option`, or the paths of its fields if it has fields.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::path::{PartialPath, Path};
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { playback: Playback, current: Option<Track>, queue: Vec<Track> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Playback { position: u64 }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Track { title: String }
    /// let tv = create_model("tv", Tv::default());
    /// assert!(tv.get(Tv::PATHS.current).is_none()); // an `Option<Track>`
    /// assert_eq!(tv.get(Tv::PATHS.current.some().title), None); // a title, which may be absent
    /// ```
    #[must_use]
    pub const fn some(self) -> V::__Paths<R, Partial> {
        self.__inside
    }
}

impl<R: State, C: Sequence + State, M: Mode> Path<R, C, M> {
    /// The place of the element at `index`, counted from 0.
    ///
    /// The index does not change: when an element before it is removed, the place holds the
    /// next element.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use sprag::path::{PartialPath, Path};
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { playback: Playback, current: Option<Track>, queue: Vec<Track> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Playback { position: u64 }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Track { title: String }
    /// let tv = create_model("tv", Tv::default());
    /// tv.push(Tv::PATHS.queue, Track { title: "Alien".into() });
    /// assert!(tv.get(Tv::PATHS.queue.at(0)).is_some());
    /// assert!(tv.get(Tv::PATHS.queue.at(1)).is_none()); // past the end is absent
    /// ```
    #[must_use]
    pub const fn at(self, index: usize) -> KeyedPath<R, Element<Access<R, C>>> {
        KeyedPath::new(Element::of(self.__access, index))
    }
}

impl<R: State, C: Keyed + State, M: Mode> Path<R, C, M> {
    /// The place of the value under `key`.
    ///
    /// The path holds the key itself: a path by `&str` is `Copy`, allocates nothing, and
    /// lives as long as the `&str`.
    ///
    /// The place is absent while the map does not have the key; `insert` adds it.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct House { users: HashMap<String, User> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct User { tags: Vec<String>, seats: HashMap<u64, String> }
    /// # let house = create_model("house", House::default());
    /// let ada = House::PATHS.users.key("ada"); // a `String` key, given as `&str`
    /// assert!(house.get(ada).is_none());
    /// house.insert(House::PATHS.users, "ada", User::default());
    /// assert!(house.get(ada).is_some());
    /// ```
    #[must_use]
    pub fn key<Q>(self, key: Q) -> KeyedPath<R, Entry<Access<R, C>, Q::Held>>
    where
        Q: IntoKey<C::Key>,
    {
        KeyedPath::new(Entry::of(self.__access, key.__held()))
    }

    /// A selector: whether there is an entry under `key`, or whether a set has the member.
    ///
    /// A subscriber is notified when that entry is added or removed, but not of writes to
    /// it or to other entries. Reading costs one lookup.
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
    /// let _rock = song.subscribe(Song::PATHS.tags.contains("rock"), |is: &bool, _| println!("{is}"));
    /// song.add(Song::PATHS.tags, "rock"); // prints
    /// song.add(Song::PATHS.tags, "live"); // prints nothing
    /// assert!(song.select(Song::PATHS.tags.contains("rock")));
    /// ```
    #[must_use]
    pub fn contains<Q>(self, key: Q) -> Contains<KeyedPath<R, Entry<Access<R, C>, Q::Held>>, C>
    where
        Q: IntoKey<C::Key>,
    {
        Mapped { place: self.key(key), map: is_there::<C::Item> }
    }

    /// A selector: the keys, in order if the map has one.
    ///
    /// The cell matches the selector only when entries are added or removed, and then
    /// builds the keys: O(n).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::BTreeMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { seen: BTreeMap<u64, String> }
    /// # let tv = create_model("tv", Tv::default());
    /// let _ids = tv.subscribe(Tv::PATHS.seen.keys(), |ids: &Vec<u64>, _| println!("{ids:?}"));
    /// tv.insert(Tv::PATHS.seen, 7, "Alien".into()); // prints
    /// tv.insert(Tv::PATHS.seen, 7, "Aliens".into()); // prints nothing
    /// assert_eq!(tv.select(Tv::PATHS.seen.keys()), [7]);
    /// ```
    #[must_use]
    pub const fn keys(self) -> Outline<Self, Keys> {
        Outline::new(self)
    }
}

impl<R: State, C: Resizable + State, M: Mode> Path<R, C, M> {
    /// A selector: the number of entries.
    ///
    /// The cell matches the selector only when entries are added or removed, not when the
    /// content of an entry is written.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::BTreeMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { seen: BTreeMap<u64, String> }
    /// # let tv = create_model("tv", Tv::default());
    /// let _count = tv.subscribe(Tv::PATHS.seen.len(), |count, _| println!("{count} titles"));
    /// tv.insert(Tv::PATHS.seen, 7, "Alien".into()); // prints
    /// assert_eq!(tv.select(Tv::PATHS.seen.len()), 1);
    /// ```
    #[must_use]
    pub const fn len(self) -> Outline<Self, Len> {
        Outline::new(self)
    }
}

impl<R: State, P: Pointer + State, M: Mode> Path<R, P, M> {
    /// The place of the content of the `Box` or `Arc`.
    ///
    /// The static tree of places ends at a pointer, so a type can contain itself; this
    /// method leads on. A write through a shared `Arc` clones the value first, as
    /// [`Arc::make_mut`](std::sync::Arc::make_mut) does. The step is not visible in a
    /// path's text.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Folder { name: String, inner: Option<Box<Folder>> }
    /// let inner = Folder::PATHS.inner.some().deref().then(Folder::PATHS.name);
    /// let media = Folder { name: "media".into(), inner: Some(Box::default()) };
    /// let media = create_model("media", media);
    /// media.set(inner, "films".into())?;
    /// assert_eq!(inner.to_string(), "inner.name");
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    #[must_use]
    pub const fn deref(self) -> KeyedPath<R, Deref<Access<R, P>>, M> {
        KeyedPath::new(Deref { pointer: self.__access })
    }
}

impl<R: State, V: State, M> fmt::Display for Path<R, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.__access.describe(&mut PathText::new(f))
    }
}

impl<R: State, V: State, M> fmt::Debug for Path<R, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({self})")
    }
}

#[diagnostic::do_not_recommend]
impl<T: State, V: State, M: Mode> Place<T> for Path<T, V, M> {
    type Value = V;
    type Mode = M;
    type __Walk = Access<T, V>;

    #[inline]
    fn __walk(self) -> Access<T, V> {
        self.__access
    }
}
