//! [`State`] for the persistent collections of `imbl`, whose clones share all equal parts:
//! a write while a snapshot is held clones O(log n) and not everything.

use std::borrow::Borrow;
use std::ops::Bound::{Excluded, Unbounded};

use ::imbl::{HashMap, HashSet, OrdMap, OrdSet, Vector};

use super::implement::{
    KeyList, comes_and_goes, keyed, list, map, nothing, remove_each, restore_each, sequence, set,
};
use super::{Collection, Keyed, List, Map, Removed, Resizable, Sequence, Set};
use crate::path::ability::{self, abilities};
use crate::path::build::PathAt;
use crate::path::key::{IntoKey, Key};
use crate::path::lens::Lens;
use crate::path::location::EntryId;
use crate::path::mode::Mode;
use crate::path::shape::Kind;
use crate::path::state::{State, leaf};
use crate::path::static_path::Path;
use crate::path::steps::{Element, Entry};
use crate::path::text::erased::Contents;
use crate::path::text::erasure::shape_of;

leaf! {
    [T: State + Clone] Vector<T>: cheap true, plain false, kind List, contents Contents::list::<Self>(),
        abilities ability::list::<Self>(ability::list_reader::<Self>()), inner T;
    [T: State + Key + Ord] OrdSet<T>: cheap true, plain false, kind Set, contents Contents::set::<Self>(),
        abilities ability::set::<Self>(abilities!(Self)), inner (),
        layout Items(shape_of::<T>);
    [T: State + Key] HashSet<T>: cheap true, plain false, kind Set, contents Contents::set::<Self>(),
        abilities ability::set::<Self>(abilities!(Self)), inner (),
        layout Items(shape_of::<T>);
    [K: Key + Ord, V: State + Clone]
        OrdMap<K, V>: cheap true, plain false, kind Map, contents Contents::map::<Self>(),
        abilities ability::map::<Self>(ability::map_reader::<Self>()), inner V;
    [K: Key, V: State + Clone]
        HashMap<K, V>: cheap true, plain false, kind Map, contents Contents::map::<Self>(),
        abilities ability::map::<Self>(ability::map_reader::<Self>()), inner V;
}

list! {
    [V: Clone + 'static] Vector<V>;
    push_back, pop_back, remove |all, index| Some(all.remove(index)), take_out, restore_each;
}
map! {
    [K, V: Clone + 'static] OrdMap<K, V> where Ord;
    keys Vec<K>,
    remove |map, key| map.remove_with_key(key).map(|(key, item)| (0, key, item)), remove_each,
    restore |map, removed| map.__add(removed.key, removed.item), restore_each;
}
map! {
    [K, V: Clone + 'static] HashMap<K, V>;
    keys std::collections::HashSet<K>,
    remove |map, key| map.remove_with_key(key).map(|(key, item)| (0, key, item)), remove_each,
    restore |map, removed| map.__add(removed.key, removed.item), restore_each;
}
set! {
    [T] OrdSet<T> where Ord;
    keys Vec<T>,
    remove |set, member| set.remove(member).map(|member| (0, member, ())),
    restore |set, removed| set.__add(removed.key, ());
    arranged false, after |set, member| set.range::<_, T>((Excluded(member), Unbounded)).next(),
    position |_, _| None;
}
set! {
    [T] HashSet<T>;
    keys std::collections::HashSet<T>,
    remove |set, member| set.remove(member).map(|member| (0, member, ())),
    restore |set, removed| set.__add(removed.key, ());
    arranged false, after |_, _| None, position |_, _| None;
}

/// Removes elements one by one, on a copy that shares all equal parts, since the `Clone` of
/// an element may panic in the middle.
fn take_out<V: Clone + 'static>(all: &mut Vector<V>, indices: &[usize]) -> Vec<Removed<Vector<V>>> {
    let mut rest = all.clone();
    let removed = indices.iter().rev().filter_map(|index| rest.__remove(index));
    let mut removed: Vec<_> = removed.collect();
    removed.reverse();
    *all = rest;
    removed
}
