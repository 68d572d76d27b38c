//! [`State`] for the collections of `indexmap`, which keep the order of insertion.

use std::borrow::Borrow;
use std::cell::Cell;
use std::hash::BuildHasher;

use ::indexmap::{IndexMap, IndexSet};

use super::implement::{
    KeyList, comes_and_goes, keyed, map, nothing, remove_each, restore_each, set,
};
use super::{Collection, Keyed, Map, Removed, Resizable, Set};
use crate::path::ability::{self, abilities};
use crate::path::build::PathAt;
use crate::path::key::{IntoKey, Key};
use crate::path::lens::Lens;
use crate::path::location::EntryId;
use crate::path::mode::Mode;
use crate::path::shape::Kind;
use crate::path::state::{State, leaf};
use crate::path::static_path::Path;
use crate::path::steps::Entry;
use crate::path::text::erased::Contents;
use crate::path::text::erasure::shape_of;

leaf! {
    [T: State + Key, S: BuildHasher + Default + Clone + Send + Sync + 'static]
        IndexSet<T, S>: cheap false, plain false, kind Set, contents Contents::set::<Self>(),
        abilities ability::set::<Self>(abilities!(Self)), inner (),
        layout Items(shape_of::<T>);
    [K: Key, V: State, S: BuildHasher + Default + 'static]
        IndexMap<K, V, S>: cheap false, plain false, kind Map, contents Contents::map::<Self>(),
        abilities ability::map::<Self>(ability::map_reader::<Self>()), inner V;
}

map! {
    [K, V: 'static, S: BuildHasher + Default + 'static] IndexMap<K, V, S>;
    keys Vec<K>,
    // Not `swap_remove`: the order of the others is part of the state.
    remove IndexMap::shift_remove_full, take_out,
    restore |map, removed| drop(map.shift_insert(removed.position, removed.key, removed.item)),
    restore_each;
}
set! {
    [T, S: BuildHasher + Default + 'static] IndexSet<T, S>;
    keys Vec<T>,
    remove |set, member| {
        set.shift_remove_full(member).map(|(position, member)| (position, member, ()))
    },
    restore |set, removed| {
        set.shift_insert(removed.position, removed.key);
    };
    arranged true, after |set, member| set.get_index(set.get_index_of(member)? + 1),
    position |set, member| set.get_index_of(member);
}

/// Removes entries in one pass, whatever their number.
fn take_out<K, V, S>(
    all: &mut IndexMap<K, V, S>,
    keys: &[K],
    removed: &mut Vec<Removed<IndexMap<K, V, S>>>,
) where
    IndexMap<K, V, S>: Map<Key = K, Item = V>,
    K: Eq,
{
    let (mut keys, mut next, position) = (keys.iter().peekable(), 0.., Cell::new(0));
    let entries = all.extract_if(.., |key, _| {
        next.next().into_iter().for_each(|next| position.set(next));
        keys.next_if(|next| *next == key).is_some()
    });
    for (key, item) in entries {
        removed.push(Removed { position: position.get(), key, item });
    }
}
