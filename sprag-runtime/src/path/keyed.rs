//! [`KeyedPath`]: places behind a key or an index, which are known at run time.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use super::access::{Access, Node, PathText, Walk};
use super::collection::{Collection, Map, Resizable, Sequence};
use super::key::IntoKey;
use super::lens::{Here, Mode, Partial, Then};
use super::location::{EntryId, Location};
use super::outline::{Keys, Len, Outline};
use super::place::{Mapped, Place};
use super::pointer::{Deref, Pointer};
#[cfg(feature = "serde")]
use super::shape::Shape;
use super::state::State;

/// A path through at least one key or index, or one that was composed with
/// [`then`](super::Path::then).
///
/// It is as large as its keys and allocates nothing unless a key does.
///
/// It is `Copy` where its keys are. Who subscribes to one hears of writes to that entry,
/// and to what it lies in.
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
    __walk: W,
    __root: PhantomData<fn() -> (R, M)>,
}

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
    /// The way on to `next`, which starts at this place's value.
    ///
    /// As [`Path::then`](super::Path::then).
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
    #[allow(
        clippy::type_complexity,
        reason = "the steps stand in the type, so that nothing is boxed"
    )]
    pub fn then<P: Place<W::Value>>(
        self,
        next: P,
    ) -> KeyedPath<R, Chain<W, P::__Walk>, M::__After<P::Mode>> {
        KeyedPath::new(Chain { first: self.__walk, second: next.__walk() })
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
    #[allow(
        clippy::type_complexity,
        reason = "the steps stand in the type, so that nothing is boxed"
    )]
    pub fn some<V: State>(self) -> KeyedPath<R, Chain<W, Access<Option<V>, V>>, Partial>
    where
        W: Walk<R, Value = Option<V>>,
    {
        KeyedPath::new(Chain { first: self.__walk, second: some() })
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
    pub fn at(self, index: usize) -> KeyedPath<R, Element<W>>
    where
        W::Value: Sequence,
    {
        KeyedPath::new(Element { sequence: self.__walk, index })
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
    pub fn key<Q>(self, key: Q) -> KeyedPath<R, Entry<W, Q::Held>>
    where
        W::Value: Map,
        Q: IntoKey<<W::Value as Collection>::Key>,
    {
        KeyedPath::new(Entry { map: self.__walk, key: key.__held() })
    }

    /// The place of what the `Box` or `Arc` holds; see
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

    /// A selector: how many entries there are; see [`Path::len`](super::Path::len).
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

    /// A selector: which keys there are; see [`Path::keys`](super::Path::keys).
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
        W::Value: Map,
    {
        Outline::new(self)
    }

    /// A selector: what `f` makes of the value here.
    ///
    /// As [`Path::map`](super::Path::map).
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
impl<T: State, W: Walk<T, Value: State>, M: Mode> Place<T> for KeyedPath<T, W, M> {
    type Value = W::Value;
    type Mode = M;
    type __Walk = W;

    #[inline]
    fn __walk(self) -> W {
        self.__walk
    }
}

/// The step to one entry of a map, in the type of a [`KeyedPath`].
#[derive(Clone, Copy, Debug)]
pub struct Entry<W, Q> {
    pub(super) map: W,
    pub(super) key: Q,
}

impl<R, W, C, Q> Walk<R> for Entry<W, Q>
where
    W: Walk<R, Value = C>,
    C: Map,
    Q: IntoKey<C::Key>,
{
    type Value = C::Item;
    type Owned = Entry<W::Owned, C::Key>;
    type Discarded = W::Discarded;

    const CHEAP: bool = C::Item::__CHEAP;
    const PLAIN: bool = false;
    const KEYED: bool = true;

    fn get<'a>(&self, root: &'a R) -> Option<&'a C::Item> {
        self.key.__find(self.map.get(root)?)
    }

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        discarded: &mut W::Discarded,
    ) -> Option<&'a mut C::Item> {
        self.key.__find_mut(self.map.get_mut(root, discarded)?)
    }

    fn node(&self) -> Node {
        self.map.node()
    }

    fn locate(&self, location: &mut Location) {
        self.map.locate(location);
        location.enter_entry(self.key.__id(), C::Item::__SHAPE.nodes);
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.map.describe(text)?;
        self.key.__describe(text)
    }

    fn node_of(value: &C::Item, id: u32) -> Option<&dyn Any> {
        value.__node(id)
    }

    fn owned(&self) -> Self::Owned {
        Entry { map: self.map.owned(), key: self.key.clone().into_key() }
    }

    #[cfg(feature = "serde")]
    fn root() -> &'static Shape {
        W::root()
    }
}

/// The step to one element of a sequence.
#[derive(Clone, Copy, Debug)]
pub struct Element<W> {
    pub(super) sequence: W,
    pub(super) index: usize,
}

impl<R, W, C> Walk<R> for Element<W>
where
    W: Walk<R, Value = C>,
    C: Sequence,
{
    type Value = C::Item;
    type Owned = Element<W::Owned>;
    type Discarded = W::Discarded;

    const CHEAP: bool = C::Item::__CHEAP;
    const PLAIN: bool = false;
    const KEYED: bool = true;

    fn get<'a>(&self, root: &'a R) -> Option<&'a C::Item> {
        self.sequence.get(root)?.__get(&self.index)
    }

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        discarded: &mut W::Discarded,
    ) -> Option<&'a mut C::Item> {
        self.sequence.get_mut(root, discarded)?.__get_mut(&self.index)
    }

    fn node(&self) -> Node {
        self.sequence.node()
    }

    fn locate(&self, location: &mut Location) {
        self.sequence.locate(location);
        location.enter_entry(EntryId::Index(self.index), C::Item::__SHAPE.nodes);
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.sequence.describe(text)?;
        text.key(&self.index)
    }

    fn node_of(value: &C::Item, id: u32) -> Option<&dyn Any> {
        value.__node(id)
    }

    fn owned(&self) -> Self::Owned {
        Element { sequence: self.sequence.owned(), index: self.index }
    }

    #[cfg(feature = "serde")]
    fn root() -> &'static Shape {
        W::root()
    }
}

/// The way from an `Option` to what it holds.
const fn some<V: State>() -> Access<Option<V>, V> {
    Access::of::<Then<Here<Option<V>>, V, 0, Partial>>(V::__SHAPE.nodes)
}

/// One way after another, in the type of a [`KeyedPath`].
#[derive(Clone, Copy, Debug)]
pub struct Chain<A, B> {
    pub(super) first: A,
    pub(super) second: B,
}

impl<R, A, B> Walk<R> for Chain<A, B>
where
    A: Walk<R>,
    B: Walk<A::Value>,
{
    type Value = B::Value;
    type Owned = Chain<A::Owned, B::Owned>;
    type Discarded = (A::Discarded, B::Discarded);

    const CHEAP: bool = B::CHEAP;
    const PLAIN: bool = A::PLAIN && B::PLAIN;
    const KEYED: bool = A::KEYED || B::KEYED;

    fn get<'a>(&self, root: &'a R) -> Option<&'a B::Value> {
        self.second.get(self.first.get(root)?)
    }

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        (first, second): &mut Self::Discarded,
    ) -> Option<&'a mut B::Value> {
        self.second.get_mut(self.first.get_mut(root, first)?, second)
    }

    fn node(&self) -> Node {
        let node = self.first.node();
        if A::KEYED { node } else { node.then(self.second.node()) }
    }

    fn locate(&self, location: &mut Location) {
        self.first.locate(location);
        self.second.locate(location);
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.first.describe(text)?;
        self.second.describe(text)
    }

    fn node_of(value: &B::Value, id: u32) -> Option<&dyn Any> {
        B::node_of(value, id)
    }

    fn owned(&self) -> Self::Owned {
        Chain { first: self.first.owned(), second: self.second.owned() }
    }

    #[cfg(feature = "serde")]
    fn root() -> &'static Shape {
        A::root()
    }
}
