//! [`KeyedPath`]: places behind a key or an index, which are known at run time.

use std::any::Any;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::marker::PhantomData;

use super::access::{Node, PathText, Walk};
use super::collection::{Collection, IntoKey, Map, Sequence};
use super::lens::{Mode, Partial};
use super::place::{Mapped, Place};
use super::state::State;

/// A path through at least one key or index, or one that was composed with
/// [`then`](super::Path::then).
///
/// It is as large as its keys and allocates nothing unless a key does.
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

    /// The place of the element at `index`, counted from 0.
    pub fn at(self, index: usize) -> KeyedPath<R, Entry<W, usize>>
    where
        W::Value: Sequence,
    {
        KeyedPath::new(Entry { collection: self.__walk, key: index })
    }

    /// The place of the value under `key`.
    pub fn key(
        self,
        key: impl IntoKey<<W::Value as Collection>::Key>,
    ) -> KeyedPath<R, Entry<W, <W::Value as Collection>::Key>>
    where
        W::Value: Map,
    {
        KeyedPath::new(Entry { collection: self.__walk, key: key.into_key() })
    }

    /// A selector: what `f` makes of the value here.
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

    const __CHEAP: bool = <W::Value as State>::__CHEAP;
    const __PLAIN: bool = false;

    #[inline]
    fn __walk(self) -> W {
        self.__walk
    }
}

/// The step to one entry of a collection, in the type of a [`KeyedPath`].
#[derive(Clone, Copy, Debug)]
pub struct Entry<W, K> {
    pub(super) collection: W,
    pub(super) key: K,
}

impl<R, W, C> Walk<R> for Entry<W, C::Key>
where
    W: Walk<R, Value = C>,
    C: Collection,
{
    type Value = C::Item;

    fn get<'a>(&self, root: &'a R) -> Option<&'a C::Item> {
        self.collection.get(root)?.__get(&self.key)
    }

    fn get_mut<'a>(&self, root: &'a mut R) -> Option<&'a mut C::Item> {
        self.collection.get_mut(root)?.__get_mut(&self.key)
    }

    fn node(&self) -> Node {
        self.collection.node()
    }

    fn key(&self) -> Option<u64> {
        Some(self.collection.key().unwrap_or_else(|| key_hash(&self.key)))
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.collection.describe(text)?;
        text.key(&self.key)
    }

    fn node_of(value: &C::Item, id: u32) -> Option<&dyn Any> {
        value.__node(id)
    }
}

/// The way to the entry `key` of the collection that `collection` leads to.
pub(crate) const fn entry<W, K>(collection: W, key: K) -> Entry<W, K> {
    Entry { collection, key }
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

    fn get<'a>(&self, root: &'a R) -> Option<&'a B::Value> {
        self.second.get(self.first.get(root)?)
    }

    fn get_mut<'a>(&self, root: &'a mut R) -> Option<&'a mut B::Value> {
        self.second.get_mut(self.first.get_mut(root)?)
    }

    fn node(&self) -> Node {
        match self.first.key() {
            Some(_) => self.first.node(),
            None => self.first.node().then(self.second.node()),
        }
    }

    fn key(&self) -> Option<u64> {
        self.first.key().or_else(|| self.second.key())
    }

    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        self.first.describe(text)?;
        self.second.describe(text)
    }

    fn node_of(value: &B::Value, id: u32) -> Option<&dyn Any> {
        B::node_of(value, id)
    }
}

/// What tells entries of one collection apart in a cell's table. Two keys with
/// one hash cost a comparison, never a wrong answer.
pub(crate) fn key_hash<K: Hash>(key: &K) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(key)
}
