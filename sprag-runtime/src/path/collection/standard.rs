//! The collections of the standard library.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::BuildHasher;
use std::ops::Bound::{Excluded, Unbounded};

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

// A map has a `leaf!` of its own, because the compiler prints the whole invocation where a
// key lacks a trait.
leaf! {
    [K: Key, V: State, S: BuildHasher + Default + 'static]
        HashMap<K, V, S>: cheap false, plain false, kind Map, contents Contents::map::<Self>(),
        abilities ability::map::<Self>(ability::map_reader::<Self>()), inner V;
}

leaf! {
    [K: Key + Ord, V: State]
        BTreeMap<K, V>: cheap false, plain false, kind Map, contents Contents::map::<Self>(),
        abilities ability::map::<Self>(ability::map_reader::<Self>()), inner V;
}

leaf! {
    [T: State] Vec<T>: cheap false, plain T::__PLAIN, kind List, contents Contents::list::<Self>(),
        abilities ability::list::<Self>(ability::list_reader::<Self>()), inner T;
    [T: State] VecDeque<T>: cheap false, plain T::__PLAIN, kind List, contents Contents::list::<Self>(),
        abilities ability::list::<Self>(ability::list_reader::<Self>()), inner T;
    [T: State, const N: usize] [T; N]: cheap T::__CHEAP && N <= 4, plain T::__PLAIN, kind List, contents Contents::array::<Self>(),
        abilities ability::list::<Self>(None), inner T, layout Array(N);
    [T: State + Key + Ord] BTreeSet<T>: cheap false, plain T::__PLAIN, kind Set, contents Contents::set::<Self>(),
        abilities ability::set::<Self>(abilities!(Self)), inner (),
        layout Items(shape_of::<T>);
    [T: State + Key, S: BuildHasher + Default + Clone + Send + Sync + 'static]
        HashSet<T, S>: cheap false, plain false, kind Set, contents Contents::set::<Self>(),
        abilities ability::set::<Self>(abilities!(Self)), inner (),
        layout Items(shape_of::<T>);
}

list! {
    [V: 'static] Vec<V>;
    push, pop, remove |all, index| Some(all.remove(index)), take_out, put_back;
}
list! {
    [V: 'static] VecDeque<V>;
    push_back, pop_back, remove VecDeque::remove, take_out, put_back;
}
sequence!([V: 'static, const N: usize] [V; N]);
map! {
    [K, V: 'static, S: BuildHasher + Default + 'static] HashMap<K, V, S>;
    keys HashSet<K>,
    remove |map, key| map.remove_entry(key).map(|(key, item)| (0, key, item)), remove_each,
    restore |map, removed| map.__add(removed.key, removed.item), restore_each;
}
map! {
    [K, V: 'static] BTreeMap<K, V> where Ord;
    keys Vec<K>,
    remove |map, key| map.remove_entry(key).map(|(key, item)| (0, key, item)), remove_each,
    restore |map, removed| map.__add(removed.key, removed.item), restore_each;
}
set! {
    [T, S: BuildHasher + Default + 'static] HashSet<T, S>;
    keys HashSet<T>,
    remove |set, member| set.take(member).map(|member| (0, member, ())),
    restore |set, removed| set.__add(removed.key, ());
    arranged false, after |_, _| None, position |_, _| None;
}
set! {
    [T] BTreeSet<T> where Ord;
    keys Vec<T>,
    remove |set, member| set.take(member).map(|member| (0, member, ())),
    restore |set, removed| set.__add(removed.key, ());
    arranged false, after |set, member| set.range((Excluded(member), Unbounded)).next(),
    position |_, _| None;
}

/// Takes elements out of what moves all behind a removed one: once through, whatever
/// their number.
fn take_out<C>(all: &mut C, indices: &[usize]) -> Vec<Removed<C>>
where
    C: List + Default + IntoIterator<Item = <C as Collection>::Item>,
{
    let mut indices = indices.iter().peekable();
    let mut removed = Vec::with_capacity(indices.len());
    for (index, item) in std::mem::take(all).into_iter().enumerate() {
        match indices.next_if_eq(&&index) {
            Some(_) => removed.push(Removed { position: index, key: index, item }),
            None => all.__push(item),
        }
    }
    removed
}

fn put_back<C>(all: &mut C, removed: Vec<Removed<C>>)
where
    C: List + Default + IntoIterator<Item = <C as Collection>::Item>,
{
    let mut kept = std::mem::take(all).into_iter();
    for removed in removed {
        let before = removed.position - all.__len();
        kept.by_ref().take(before).for_each(|item| all.__push(item));
        all.__push(removed.item);
    }
    kept.for_each(|item| all.__push(item));
}
