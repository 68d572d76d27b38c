//! What collections can do by key: the bound of `.at(i)`, `.key(k)`, `push`,
//! `insert` and `remove`.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Debug;
use std::hash::{BuildHasher, Hash};

use super::state::State;

/// A collection whose entries have places.
pub trait Collection: 'static {
    /// What an entry is found by; an index is a `usize`, counted from 0.
    type Key: Clone + Hash + Eq + Debug + Send + Sync + 'static;
    /// What an entry holds.
    type Item: State;

    /// Whether removing an entry moves others to other keys.
    #[doc(hidden)]
    const __SHIFTS: bool;

    #[doc(hidden)]
    fn __get(&self, key: &Self::Key) -> Option<&Self::Item>;
    #[doc(hidden)]
    fn __get_mut(&mut self, key: &Self::Key) -> Option<&mut Self::Item>;
    /// Removes an entry; in a sequence the later ones move up.
    #[doc(hidden)]
    fn __remove(&mut self, key: &Self::Key) -> Option<Self::Item>;
    /// Puts an entry back where it was removed from.
    #[doc(hidden)]
    fn __restore(&mut self, key: Self::Key, item: Self::Item);
}

/// A collection in order, found by index.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no elements to find by index",
    label = "`.at(index)` and `push` need a `Vec` or a `VecDeque`"
)]
pub trait Sequence: Collection<Key = usize> {
    #[doc(hidden)]
    fn __len(&self) -> usize;
    #[doc(hidden)]
    fn __push(&mut self, item: Self::Item);
    #[doc(hidden)]
    fn __pop(&mut self) -> Option<Self::Item>;
}

/// A collection found by key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no entries to find by key",
    label = "`.key(key)` and `insert` need a map"
)]
pub trait Map: Collection {
    #[doc(hidden)]
    fn __insert(&mut self, key: Self::Key, item: Self::Item) -> Option<Self::Item>;
}

/// What may be given for a key of type `K`: a `K`, and a `&str` for a `String`.
///
/// `Into<K>` would leave the type of an integer literal open.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a key here", label = "expected a `{K}`")]
pub trait IntoKey<K> {
    /// The key.
    fn into_key(self) -> K;
}

#[diagnostic::do_not_recommend]
impl<K> IntoKey<K> for K {
    fn into_key(self) -> K {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoKey<String> for &str {
    fn into_key(self) -> String {
        self.to_owned()
    }
}

/// A sequence that `push` and `pop` work on at the end. `remove` is only asked for an
/// index that is there.
macro_rules! sequence {
    ($sequence:ty, $push:ident, $pop:ident, $remove:expr $(, $bound:path)?) => {
        impl<V: State $(+ $bound)?> Collection for $sequence {
            type Key = usize;
            type Item = V;

            const __SHIFTS: bool = true;

            fn __get(&self, index: &usize) -> Option<&V> {
                self.get(*index)
            }

            fn __get_mut(&mut self, index: &usize) -> Option<&mut V> {
                self.get_mut(*index)
            }

            fn __remove(&mut self, index: &usize) -> Option<V> {
                let remove: fn(&mut Self, usize) -> Option<V> = $remove;
                if *index < self.len() { remove(self, *index) } else { None }
            }

            fn __restore(&mut self, index: usize, item: V) {
                self.insert(index, item);
            }
        }

        #[diagnostic::do_not_recommend]
        impl<V: State $(+ $bound)?> Sequence for $sequence {
            fn __len(&self) -> usize {
                self.len()
            }

            fn __push(&mut self, item: V) {
                self.$push(item);
            }

            fn __pop(&mut self) -> Option<V> {
                self.$pop()
            }
        }
    };
}

/// A map whose keys are found by what `bounds` says.
macro_rules! map {
    ($map:ident<K, V $(, $s:ident)?>, $bounds:path $(, $bound:path)?) => {
        impl<K, V: State $(+ $bound)? $(, $s: BuildHasher + 'static)?> Collection
            for $map<K, V $(, $s)?>
        where
            K: $bounds + Hash + Eq + Clone + Debug + Send + Sync + 'static,
        {
            type Key = K;
            type Item = V;

            const __SHIFTS: bool = false;

            fn __get(&self, key: &K) -> Option<&V> {
                self.get(key)
            }

            fn __get_mut(&mut self, key: &K) -> Option<&mut V> {
                self.get_mut(key)
            }

            fn __remove(&mut self, key: &K) -> Option<V> {
                self.remove(key)
            }

            fn __restore(&mut self, key: K, item: V) {
                self.insert(key, item);
            }
        }

        #[diagnostic::do_not_recommend]
        impl<K, V: State $(+ $bound)? $(, $s: BuildHasher + 'static)?> Map for $map<K, V $(, $s)?>
        where
            K: $bounds + Hash + Eq + Clone + Debug + Send + Sync + 'static,
        {
            fn __insert(&mut self, key: K, item: V) -> Option<V> {
                self.insert(key, item)
            }
        }
    };
}

sequence!(Vec<V>, push, pop, |all, index| Some(all.remove(index)));
sequence!(VecDeque<V>, push_back, pop_back, VecDeque::remove);
map!(HashMap<K, V, S>, Hash);
map!(BTreeMap<K, V>, Ord);

#[cfg(feature = "imbl")]
pub(super) use {map, sequence};
