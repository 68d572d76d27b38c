//! [`State`] for the persistent collections of `imbl`, whose clones share all but
//! what differs: a write beside a held snapshot copies O(log n), not everything.

use std::fmt::Debug;
use std::hash::Hash;

use imbl::{HashMap, HashSet, OrdMap, OrdSet, Vector};

use super::collection::{Collection, Map, Sequence, map, sequence};
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

sequence!(Vector<V>, push_back, pop_back, |all, index| Some(all.remove(index)), Clone);
map!(OrdMap<K, V>, Ord, Clone);
map!(HashMap<K, V>, Hash, Clone);
