//! [`KeyedPath`]: places behind a key or an index, which are known at run time only.

#![allow(clippy::type_complexity, reason = "the steps are in the type, so that nothing is boxed")]

use std::fmt;
use std::marker::PhantomData;

use super::collection::{Collection, Keyed, Resizable, Sequence};
use super::key::IntoKey;
use super::mode::{Mode, Partial, Whole};
use super::outline::{Keys, Len, Outline};
use super::path_text::PathText;
use super::place::{Contains, Mapped, Place, is_there};
use super::pointer::Pointer;
use super::root::root;
use super::state::State;
use super::steps::{Chain, Deref, Element, Entry, Inner};
use super::walk::{Below, Walk};

/// A path through at least one key or index, or one that was composed with
/// [`then`](super::Path::then).
///
/// The size of a keyed path is that of its keys. It allocates nothing unless a key does,
/// and is `Copy` if its keys are. A subscriber is notified of writes to the entry and to
/// the places that contain it.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::HashMap;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct House { users: HashMap<String, User>, guest: Option<User> }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct User { tags: Vec<String>, seats: HashMap<u64, String> }
/// # let house = create_model("house", House::default());
/// let tags = House::PATHS.users.key("ada").then(User::PATHS.tags);
/// assert_eq!(house.get(tags), None); // no user, no tags
/// house.insert(House::PATHS.users, "ada", User::default());
/// house.push(tags, "admin".into())?;
/// assert_eq!(house.get(tags.at(0)).as_deref(), Some("admin"));
/// # Ok::<(), sprag::error::Absent>(())
/// ```
pub struct KeyedPath<R, W, M = Partial> {
    pub(super) __walk: W,
    __root: PhantomData<fn() -> (R, M)>,
}

/// The place of an entry of the collection `C` at the end of `W`. The alias keeps the
/// hidden name of the step out of the compiler's messages.
pub(super) type EntryPath<R, C, W, Q, K> = KeyedPath<R, <C as Collection>::__Step<W, Q, K>>;

impl<R, W, M> KeyedPath<R, W, M> {
    pub(super) const fn new(walk: W) -> Self {
        Self { __walk: walk, __root: PhantomData }
    }
}

impl<R, W: Clone, M> Clone for KeyedPath<R, W, M> {
    fn clone(&self) -> Self {
        Self::new(self.__walk.clone())
    }
}

impl<R, W: Copy, M> Copy for KeyedPath<R, W, M> {}

impl<R: 'static, W: Walk<R>, M: Mode> KeyedPath<R, W, M> {
    /// Appends `next`, a path that starts at this place's value.
    ///
    /// Like [`Path::then`](super::Path::then).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct House { users: HashMap<String, User>, guest: Option<User> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct User { tags: Vec<String>, seats: HashMap<u64, String> }
    /// # let house = create_model("house", House::default());
    /// let seat = User::PATHS.seats.key(7); // a way of its own, from any user
    /// let path = House::PATHS.users.key("ada").then(seat);
    /// assert_eq!(path.to_string(), "users.ada.seats.7");
    /// ```
    pub fn then<P: Place<W::Value>>(
        self,
        next: P,
    ) -> KeyedPath<R, Chain<W, P::__Walk>, M::__After<P::Mode>> {
        KeyedPath::new(Chain { first: self.__walk, second: next.__walk() })
    }

    /// Appends the result of `next`, which receives the paths that start at this place's
    /// value.
    #[doc(hidden)]
    pub fn then_with<P: Place<W::Value>>(
        self,
        next: impl FnOnce(<W::Value as State>::__Paths<W::Value, Whole>) -> P,
    ) -> KeyedPath<R, Chain<W, P::__Walk>, M::__After<P::Mode>>
    where
        W::Value: State,
    {
        self.then(next(root::<W::Value>()))
    }

    /// The place of an entry: the meaning of a key or an index in brackets in `path!`.
    #[doc(hidden)]
    pub fn entry<Q>(self, key: Q) -> EntryPath<R, W::Value, W, Q::Held, W::Below>
    where
        W::Value: Collection,
        Q: IntoKey<<W::Value as Collection>::Key>,
    {
        KeyedPath::new(<W::Value as Collection>::__step(self.__walk, key))
    }

    /// The place inside the `Option`.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// #[derive(Model, Clone, Default, PartialEq)]
    /// struct Seats { taken: Vec<Option<String>> }
    ///
    /// let name = Seats::PATHS.taken.at(0).some(); // absent where the seat is free
    /// assert_eq!(name.to_string(), "taken.0");
    /// ```
    pub fn some<V: 'static>(self) -> KeyedPath<R, Inner<W, W::Below>, Partial>
    where
        W: Walk<R, Value = Option<V>, Below: Below<V>>,
    {
        KeyedPath::new(Inner::of(self.__walk))
    }

    /// The place of the element at `index`, counted from 0.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct House { users: HashMap<String, User>, guest: Option<User> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct User { tags: Vec<String>, seats: HashMap<u64, String> }
    /// # let house = create_model("house", House::default());
    /// let first = House::PATHS.users.key("ada").then(User::PATHS.tags).at(0);
    /// assert_eq!(house.get(first), None);
    /// ```
    pub fn at(self, index: usize) -> KeyedPath<R, Element<W, W::Below>>
    where
        W::Value: Sequence,
    {
        KeyedPath::new(Element::of(self.__walk, index))
    }

    /// The place of the value under `key`; see [`Path::key`](super::Path::key).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct House { users: HashMap<String, User>, guest: Option<User> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct User { tags: Vec<String>, seats: HashMap<u64, String> }
    /// # let house = create_model("house", House::default());
    /// let seat = House::PATHS.users.key("ada").then(User::PATHS.seats).key(7);
    /// assert_eq!(house.get(seat), None);
    /// ```
    pub fn key<Q>(self, key: Q) -> KeyedPath<R, Entry<W, Q::Held, W::Below>>
    where
        W::Value: Keyed,
        Q: IntoKey<<W::Value as Collection>::Key>,
    {
        KeyedPath::new(Entry::of(self.__walk, key.__held()))
    }

    /// The place of the content of the `Box` or `Arc`; see
    /// [`Path::deref`](super::Path::deref).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::BTreeMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct House { users: BTreeMap<String, User> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct User { seats: BTreeMap<u64, String>, friend: Option<Box<User>> }
    /// # let house = create_model("house", House::default());
    /// # let ada = House::PATHS.users.key("ada");
    /// let friend = ada.then(User::PATHS.friend).some().deref();
    /// assert_eq!(friend.to_string(), "users.ada.friend");
    /// assert!(house.get(friend).is_none());
    /// ```
    pub fn deref(self) -> KeyedPath<R, Deref<W>, M>
    where
        W::Value: Pointer,
    {
        KeyedPath::new(Deref { pointer: self.__walk })
    }

    /// A selector: whether there is an entry under `key`, or whether a set has the member;
    /// see [`Path::contains`](super::Path::contains). `false` if the collection itself is
    /// absent.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::{BTreeMap, BTreeSet};
    /// #[derive(Model, Clone, Default, PartialEq)]
    /// struct House {
    ///     tags: BTreeMap<String, BTreeSet<String>>,
    /// }
    ///
    /// let house = create_model("house", House::default());
    /// assert!(!house.select(House::PATHS.tags.key("attic").contains("cold")));
    /// ```
    pub fn contains<Q>(
        self,
        key: Q,
    ) -> Contains<KeyedPath<R, Entry<W, Q::Held, W::Below>>, W::Value>
    where
        W::Value: Keyed,
        Q: IntoKey<<W::Value as Collection>::Key>,
    {
        Mapped { place: self.key(key), map: is_there::<<W::Value as Collection>::Item> }
    }

    /// A selector: the number of entries; see [`Path::len`](super::Path::len).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::BTreeMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct House { users: BTreeMap<String, User> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct User { seats: BTreeMap<u64, String>, friend: Option<Box<User>> }
    /// # let house = create_model("house", House::default());
    /// # let ada = House::PATHS.users.key("ada");
    /// let seats = ada.then(User::PATHS.seats).len();
    /// assert_eq!(house.select(seats), None); // no user, no seats
    /// ```
    pub fn len(self) -> Outline<Self, Len>
    where
        W::Value: Resizable,
    {
        Outline::new(self)
    }

    /// A selector: the keys; see [`Path::keys`](super::Path::keys).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::BTreeMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct House { users: BTreeMap<String, User> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct User { seats: BTreeMap<u64, String>, friend: Option<Box<User>> }
    /// # let house = create_model("house", House::default());
    /// # let ada = House::PATHS.users.key("ada");
    /// house.insert(House::PATHS.users, "ada", User::default());
    /// let seats = ada.then(User::PATHS.seats).keys();
    /// assert_eq!(house.select(seats), Some(vec![]));
    /// ```
    pub fn keys(self) -> Outline<Self, Keys>
    where
        W::Value: Keyed,
    {
        Outline::new(self)
    }

    /// A selector: the result of `f` for the value at this place.
    ///
    /// Like [`Path::map`](super::Path::map).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct House { users: HashMap<String, User>, guest: Option<User> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct User { tags: Vec<String>, seats: HashMap<u64, String> }
    /// # let house = create_model("house", House::default());
    /// let tags = House::PATHS.users.key("ada").then(User::PATHS.tags);
    /// let count = house.select(tags.map(|tags: Option<&Vec<String>>| tags.map_or(0, Vec::len)));
    /// assert_eq!(count, 0);
    /// ```
    pub fn map<U, F: Fn(M::Ref<'_, W::Value>) -> U>(self, f: F) -> Mapped<Self, F> {
        Mapped { place: self, map: f }
    }
}

impl<R, W: Walk<R>, M> fmt::Display for KeyedPath<R, W, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.__walk.describe(&mut PathText::new(f))
    }
}

impl<R, W: Walk<R>, M> fmt::Debug for KeyedPath<R, W, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyedPath({self})")
    }
}

#[diagnostic::do_not_recommend]
impl<T: State, W: Walk<T>, M: Mode> Place<T> for KeyedPath<T, W, M> {
    type Value = W::Value;
    type Mode = M;
    type __Walk = W;

    #[inline]
    fn __walk(self) -> W {
        self.__walk
    }
}
