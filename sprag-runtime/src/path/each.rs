//! [`Each`]: a place in every entry of a collection.

use std::fmt;
use std::marker::PhantomData;

use super::collection::Collection;
use super::keyed::KeyedPath;
use super::leaf_path::LeafPath;
use super::mode::Mode;
use super::place::Place;
use super::root::all_of;
use super::state::State;
use super::static_path::Path;
use super::steps::{Access, Chain};
use super::walk::Walk;

/// A selector of every entry of a collection, or of one place in every entry. Returned by
/// [`Path::each`].
///
/// A subscriber is called once for each entry that a commit changed, with the entry's key
/// and its value, which is `None` for a removed entry:
///
/// | the commit | the callback receives |
/// |---|---|
/// | added an entry | the key and `Some` value |
/// | changed the selected value of an entry | the key and `Some` new value |
/// | removed an entry | the key and `None` |
/// | wrote an equal value, or another place of the entry | no call |
///
/// An entry of a list is the element at an index: an insertion in the middle changes every
/// later index whose element differs from the one before.
///
/// An `each()` is a selector by itself: it has no `map`, is in no tuple, and leads to no second
/// `each()`; [`KeyedPath::each`] leads to the entries of one entry.
///
/// The calls come in the order in which the commit wrote the entries. After a write of the
/// whole collection they come in the order of the new collection, followed by the removed
/// entries in the order of the old one.
///
/// The cost of a write depends on the entries that it affects, not on the number of
/// entries; a write of the whole collection compares all entries once. The values are
/// cloned for the subscribers.
///
/// ```
/// # use sprag::prelude::*;
/// # use std::collections::HashMap;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Fleet { devices: HashMap<u64, Device> }
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Device { name: String, online: bool }
/// let fleet = create_model("fleet", Fleet::default());
/// let online = Fleet::PATHS.devices.each().then(Device::PATHS.online);
/// let (send, received) = std::sync::mpsc::channel();
/// let _log = fleet.subscribe(online, move |(&id, online), _| {
///     send.send((id, online.copied())).unwrap();
/// });
///
/// let seven = Fleet::PATHS.devices.key(7);
/// fleet.insert(Fleet::PATHS.devices, 7, Device::default());
/// fleet.set(seven.then(Device::PATHS.name), "lamp".into())?; // another place
/// fleet.set(seven.then(Device::PATHS.online), true)?;
/// fleet.remove(Fleet::PATHS.devices, 7);
/// assert_eq!(
///     received.try_iter().collect::<Vec<_>>(),
///     [(7, Some(false)), (7, Some(true)), (7, None)],
/// );
/// # Ok::<(), sprag::error::Absent>(())
/// ```
///
/// [`Path::each`]: super::Path::each
pub struct Each<R, W, I> {
    pub(crate) collection: W,
    /// The path from an entry to the place in it.
    pub(crate) inner: I,
    root: PhantomData<fn() -> R>,
}

/// Every entry of the collection `C` at the end of `W`.
type EachEntry<R, C, W> = Each<R, W, Access<<C as Collection>::Item, <C as Collection>::Item>>;

impl<R, W: Clone, I: Clone> Clone for Each<R, W, I> {
    fn clone(&self) -> Self {
        Self { collection: self.collection.clone(), inner: self.inner.clone(), root: PhantomData }
    }
}

impl<R, W: Copy, I: Copy> Copy for Each<R, W, I> {}

impl<R, W, I> Each<R, W, I> {
    pub(super) const fn new(collection: W, inner: I) -> Self {
        Self { collection, inner, root: PhantomData }
    }
}

impl<R, W, I> Each<R, W, I>
where
    W: Walk<R, Value: Collection>,
    I: Walk<<W::Value as Collection>::Item>,
{
    /// Appends `next`, a path that starts at the value of each entry.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Fleet { devices: HashMap<u64, Device> }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Device { name: String, online: bool }
    /// # let fleet = create_model("fleet", Fleet::default());
    /// let names = Fleet::PATHS.devices.each().then(Device::PATHS.name);
    /// let _log = fleet.subscribe(names, |(id, name), _| println!("{id} is {name:?}"));
    /// fleet.insert(Fleet::PATHS.devices, 7, Device::default()); // prints
    /// # assert_eq!(fleet.panics(), 0);
    /// ```
    pub fn then<P: Place<I::Value>>(self, next: P) -> Each<R, W, Chain<I, P::__Walk>> {
        Each::new(self.collection, Chain { first: self.inner, second: next.__walk() })
    }
}

/// A selector that an `each()` cannot be made into. Nothing implements the trait, so that the
/// compiler says why.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an `each()` cannot be mapped: what `f` made of each entry would have to be kept \
               to tell what changed",
    label = "`each()` has no `map`",
    note = "lead on with `.each().then(place)`, or call `f` in the callback"
)]
pub trait MappedEach {}

/// As [`MappedEach`], of entries in entries.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an `each()` cannot be inside of an `each()`",
    label = "is in every entry already",
    note = "subscribe to the outer `each()` and compare the inner collection in the callback, \
            or keep the inner entries in one map with a key of both"
)]
pub trait NestedEach {}

/// As [`MappedEach`], of the entries of an opaque field.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`each()` compares entries by their places, and a `#[model(leaf)]` field has none",
    label = "is one opaque value",
    note = "take `#[model(leaf)]` away and derive `Model` for the items, or hold each item in a \
            `Leaf`; the field itself and one entry (`key`, `at`) can be subscribed to"
)]
pub trait OpaqueEach {}

impl<R, W, I> Each<R, W, I>
where
    W: Walk<R, Value: Collection>,
    I: Walk<<W::Value as Collection>::Item>,
{
    #[doc(hidden)]
    pub fn map<U, F: Fn(&I::Value) -> U>(self, _: F) -> Self
    where
        Self: MappedEach,
    {
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn each(self) -> Self
    where
        Self: NestedEach,
    {
        self
    }
}

impl<R: State, V: 'static, M> LeafPath<R, V, M> {
    #[doc(hidden)]
    #[must_use]
    pub fn each(self) -> Self
    where
        Self: OpaqueEach,
    {
        self
    }
}

impl<R: State, C: Collection<Item: State> + State, M: Mode> Path<R, C, M> {
    /// A selector: every entry, each with its key. See [`Each`].
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::BTreeMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { seen: BTreeMap<u64, String> }
    /// # let tv = create_model("tv", Tv::default());
    /// let _log = tv.subscribe(Tv::PATHS.seen.each(), |(id, title), _| println!("{id}: {title:?}"));
    /// tv.insert(Tv::PATHS.seen, 7, "Alien".into()); // prints `7: Some("Alien")`
    /// tv.remove(Tv::PATHS.seen, 7); // prints `7: None`
    /// # assert_eq!(tv.panics(), 0);
    /// ```
    #[must_use]
    pub const fn each(self) -> EachEntry<R, C, Access<R, C>> {
        Each::new(self.__access, all_of())
    }
}

impl<R: 'static, W: Walk<R>, M: Mode> KeyedPath<R, W, M> {
    /// A selector: every entry, each with its key; see [`Path::each`](super::Path::each).
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
    /// let seats = ada.then(User::PATHS.seats);
    /// let _log = house.subscribe(seats.each(), |(seat, name), _| println!("{seat}: {name:?}"));
    /// house.insert(House::PATHS.users, "ada", User::default()); // no seats, no call
    /// house.insert(seats, 7, "window".into())?; // prints `7: Some("window")`
    /// # assert_eq!(house.panics(), 0);
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn each<C: Collection<Item: State>>(self) -> EachEntry<R, C, W>
    where
        W: Walk<R, Value = C>,
    {
        Each::new(self.__walk, all_of())
    }
}

impl<R, W, I> fmt::Debug for Each<R, W, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Each").finish_non_exhaustive()
    }
}
