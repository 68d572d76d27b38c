//! [`State`] for the persistent collections of `imbl`, whose clones share all but
//! what differs: a write beside a held snapshot copies O(log n), not everything.

use std::any::Any;
use std::fmt::Debug;
use std::hash::Hash;

use imbl::{HashMap, HashSet, OrdMap, OrdSet, Vector};

use super::collection::{Collection, Map, Sequence};
use super::lens::{Lens, Mode};
use super::place::{Path, PathAt};
use super::state::State;
use super::std_impls::leaf;

leaf! {
    [T: State + Clone] Vector<T>: cheap true, plain false;
    [T: State + Clone] OrdSet<T>: cheap true, plain false;
    [T: State + Clone] HashSet<T>: cheap true, plain false;
    [K: State + Clone, V: State + Clone] OrdMap<K, V>: cheap true, plain false;
    [K: State + Clone, V: State + Clone] HashMap<K, V>: cheap true, plain false;
}

impl<V: State + Clone> Collection for Vector<V> {
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
        (*index < self.len()).then(|| self.remove(*index))
    }

    fn __restore(&mut self, index: usize, item: V) {
        self.insert(index, item);
    }
}

impl<V: State + Clone> Sequence for Vector<V> {
    fn __len(&self) -> usize {
        self.len()
    }

    fn __push(&mut self, item: V) {
        self.push_back(item);
    }

    fn __pop(&mut self) -> Option<V> {
        self.pop_back()
    }
}

macro_rules! map {
    ($map:ty, $($bounds:tt)*) => {
        impl<K, V: State + Clone> Collection for $map
        where
            K: $($bounds)* + Hash + Eq + Clone + Debug + Send + Sync + 'static,
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

        impl<K, V: State + Clone> Map for $map
        where
            K: $($bounds)* + Hash + Eq + Clone + Debug + Send + Sync + 'static,
        {
            fn __insert(&mut self, key: K, item: V) -> Option<V> {
                self.insert(key, item)
            }
        }
    };
}

map!(OrdMap<K, V>, Ord);
map!(HashMap<K, V>, Hash);
