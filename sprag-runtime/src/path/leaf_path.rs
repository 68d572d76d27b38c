//! [`LeafPath`]: the place of a field that is one opaque value.

#![allow(clippy::type_complexity, reason = "the steps are in the type, so that nothing is boxed")]

use std::fmt;
use std::marker::PhantomData;

use super::collection::{Collection, Keyed, Resizable, Sequence};
use super::key::IntoKey;
use super::keyed::{EntryPath, KeyedPath};
use super::mode::{Mode, Whole};
use super::outline::{Keys, Len, Outline};
use super::path_text::PathText;
use super::place::{Contains, Mapped, Place, is_there};
use super::state::State;
use super::steps::{Access, Element, Entry, Inner};
use super::walk::{Opaque, Walk};

/// The path of a `#[model(leaf)]` field: one opaque value of any type.
///
/// Like a [`Path`](super::Path), but without `then`. If the field is an `Option` or a
/// collection, `some`, `at` and `key` lead to its content, which is again one opaque value,
/// and the writes of entries (`push`, `insert`, `add`, `remove`, …) accept the path.
///
/// ```
/// # use sprag::prelude::*;
/// use std::net::Ipv4Addr;
///
/// #[derive(Model, Clone, PartialEq)]
/// struct Server {
///     #[model(leaf)]
///     address: Ipv4Addr,
/// }
///
/// let server = create_model("server", Server { address: Ipv4Addr::LOCALHOST });
/// server.set(Server::PATHS.address, Ipv4Addr::UNSPECIFIED);
/// assert_eq!(server.get(Server::PATHS.address), Ipv4Addr::UNSPECIFIED);
/// ```
///
/// ```
/// # use sprag::prelude::*;
/// #[derive(Clone, Debug, PartialEq)]
/// struct Foreign(u8); // of another crate
///
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Server {
///     #[model(leaf)]
///     peers: Vec<Foreign>,
/// }
///
/// let server = create_model("server", Server::default());
/// server.push(Server::PATHS.peers, Foreign(7));
/// assert_eq!(server.get(Server::PATHS.peers.at(0)), Some(Foreign(7)));
/// ```
pub struct LeafPath<R: State, V: 'static, M = Whole> {
    pub(super) __access: Access<R, V, Opaque>,
    pub(super) __mode: PhantomData<M>,
}

impl<R: State, V: 'static, M> Clone for LeafPath<R, V, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: State, V: 'static, M> Copy for LeafPath<R, V, M> {}

impl<R: State, V: 'static, M: Mode> LeafPath<R, V, M> {
    /// A selector: the result of `f` for the value at this place.
    ///
    /// Like [`Path::map`](super::Path::map).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::net::Ipv4Addr;
    /// # #[derive(Model, Clone, PartialEq)]
    /// # struct Server {
    /// #     #[model(leaf)]
    /// #     address: Ipv4Addr,
    /// # }
    /// # let server = create_model("server", Server { address: Ipv4Addr::LOCALHOST });
    /// let private = server.select(Server::PATHS.address.map(|address| address.is_private()));
    /// assert!(!private);
    /// ```
    pub fn map<U, F: Fn(M::Ref<'_, V>) -> U>(self, f: F) -> Mapped<Self, F> {
        Mapped { place: self, map: f }
    }
}

impl<R: State, V: 'static, M: Mode> LeafPath<R, Option<V>, M> {
    /// The place inside the `Option`: one opaque value, which may be absent.
    #[must_use]
    pub const fn some(self) -> KeyedPath<R, Inner<Access<R, Option<V>, Opaque>, Opaque>> {
        KeyedPath::new(Inner::of(self.__access))
    }
}

impl<R: State, C: Sequence, M: Mode> LeafPath<R, C, M> {
    /// The place of the element at `index`, counted from 0: one opaque value.
    #[must_use]
    pub const fn at(self, index: usize) -> KeyedPath<R, Element<Access<R, C, Opaque>, Opaque>> {
        KeyedPath::new(Element::of(self.__access, index))
    }
}

impl<R: State, C: Keyed, M: Mode> LeafPath<R, C, M> {
    /// The place of the value under `key`: one opaque value. Like
    /// [`Path::key`](super::Path::key).
    #[must_use]
    pub fn key<Q>(self, key: Q) -> KeyedPath<R, Entry<Access<R, C, Opaque>, Q::Held, Opaque>>
    where
        Q: IntoKey<C::Key>,
    {
        KeyedPath::new(Entry::of(self.__access, key.__held()))
    }

    /// A selector: whether there is an entry under `key`. Like
    /// [`Path::contains`](super::Path::contains).
    #[must_use]
    pub fn contains<Q>(
        self,
        key: Q,
    ) -> Contains<KeyedPath<R, Entry<Access<R, C, Opaque>, Q::Held, Opaque>>, C>
    where
        Q: IntoKey<C::Key>,
    {
        Mapped { place: self.key(key), map: is_there::<C::Item> }
    }

    /// A selector: the keys. Like [`Path::keys`](super::Path::keys).
    #[must_use]
    pub const fn keys(self) -> Outline<Self, Keys> {
        Outline::new(self)
    }
}

impl<R: State, C: Resizable, M: Mode> LeafPath<R, C, M> {
    /// A selector: the number of entries. Like [`Path::len`](super::Path::len).
    #[must_use]
    pub const fn len(self) -> Outline<Self, Len> {
        Outline::new(self)
    }
}

impl<R: State, V: Collection, M: Mode> LeafPath<R, V, M> {
    /// The place of an entry: the meaning of a key or an index in brackets in `path!`.
    #[doc(hidden)]
    pub fn entry<Q>(self, key: Q) -> EntryPath<R, V, Access<R, V, Opaque>, Q::Held, Opaque>
    where
        Q: IntoKey<V::Key>,
    {
        KeyedPath::new(V::__step(self.__access, key))
    }
}

impl<R: State, V: 'static, M> fmt::Display for LeafPath<R, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.__access.describe(&mut PathText::new(f))
    }
}

impl<R: State, V: 'static, M> fmt::Debug for LeafPath<R, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeafPath({self})")
    }
}

#[diagnostic::do_not_recommend]
impl<T: State, V: 'static, M: Mode> Place<T> for LeafPath<T, V, M> {
    type Value = V;
    type Mode = M;
    type __Walk = Access<T, V, Opaque>;

    #[inline]
    fn __walk(self) -> Access<T, V, Opaque> {
        self.__access
    }
}
