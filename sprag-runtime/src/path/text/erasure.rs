//! Leaves types behind: the functions of an erased value, made for one type of state.
//!
//! Each of them restores its type, and returns `None` or does nothing for a value of
//! another one.

use std::any::{Any, TypeId};
use std::sync::Arc;

use super::erased::{
    AddedKey, AnyKey, By, Contents, Entries, Inside, Members, PulledEntry, Resize, TypeVtable,
    ValueRef, VisitKey, no_part,
};
use crate::path::ability::Abilities;
use crate::path::collection::{Collection, Keyed, List, Map, Removed, Sequence, Set};
use crate::path::location::EntryId;
use crate::path::shape::Shape;
use crate::path::state::State;

impl Shape {
    /// The description of a `V`.
    pub(in crate::path) const fn of<V: State>() -> Self {
        Self {
            cheap: V::__CHEAP,
            part: if V::__FIELDS.is_empty() { no_part } else { part::<V> },
            typed: Some(TypeVtable::of::<V>()),
            tagging: V::__TAGGING,
            contents: V::__CONTENTS,
            notes: V::__NOTES,
            keys: V::__KEYS,
            form: V::__FORM,
            layout: V::__LAYOUT,
            ..Self::bare(V::__KIND, V::__FIELDS)
        }
    }
}

/// The value of a place of a `V`, counted as `State::__part` does.
fn part<V: State>(from: ValueRef<'_>, index: usize) -> Option<ValueRef<'_>> {
    match from {
        ValueRef::Ref(from) => {
            if let Some(from) = from.downcast_ref::<V>() {
                return ValueRef::of(from.__part(index));
            }
        }
        ValueRef::Mut(from) => {
            if let Some(from) = from.downcast_mut::<V>() {
                return ValueRef::of_mut(from.__part_mut(index));
            }
        }
    }
    None
}

impl TypeVtable {
    pub(in crate::path) const fn of<T: State>() -> Self {
        let keep: Option<fn(&mut dyn Any, &mut dyn Any)> =
            if T::__KEEP.is_some() { Some(keep::<T>) } else { None };
        Self { doc: T::__DOC, keep, ..Self::opaque::<T>() }
    }
}

fn keep<T: State>(a: &mut dyn Any, b: &mut dyn Any) {
    if let (Some(keep), Some(a), Some(b)) = (T::__KEEP, a.downcast_mut(), b.downcast_mut()) {
        keep(a, b);
    }
}

impl Inside {
    /// Into a `Box`.
    pub(in crate::path) const fn boxed<V: State>() -> Self {
        Self { shape: shape_of::<V>, step: into_box::<V>, is_shared: false }
    }

    /// Into an `Arc`.
    pub(in crate::path) const fn shared<V: State>() -> Self {
        Self { shape: shape_of::<V>, step: into_arc::<V>, is_shared: true }
    }
}

impl Contents {
    /// The value in a `Box`.
    pub(in crate::path) const fn boxed<V: State>() -> Self {
        Self::Inside(Inside::boxed::<V>())
    }

    /// The value in an `Arc`, which is writable only where the `Arc` is not shared.
    pub(in crate::path) const fn shared<V: State>() -> Self {
        Self::Inside(Inside::shared::<V>())
    }

    /// The elements of a list.
    pub(in crate::path) const fn list<C: List<Item: State>>() -> Self {
        Self::Entries(const { &Entries::list::<C>() })
    }

    /// The elements of an array.
    pub(in crate::path) const fn array<C: Sequence<Item: State>>() -> Self {
        Self::Entries(const { &Entries::array::<C>() })
    }

    /// The entries of a map.
    pub(in crate::path) const fn map<C: Map<Item: State>>() -> Self {
        Self::Entries(const { &Entries::map::<C>() })
    }

    /// The members of a set.
    pub(in crate::path) const fn set<C: Set<Key: State>>() -> Self {
        Self::Entries(const { &Entries::set::<C>() })
    }
}

impl Entries {
    /// The elements of a list.
    pub(in crate::path) const fn list<C: List<Item: State>>() -> Self {
        Self::sequence::<C>(Some(Resize { put: put_elements::<C>, take: take_elements::<C> }))
    }

    /// The elements of an array.
    pub(in crate::path) const fn array<C: Sequence<Item: State>>() -> Self {
        Self::sequence::<C>(None)
    }

    const fn sequence<C: Sequence<Item: State>>(resize: Option<Resize>) -> Self {
        Self {
            shape: shape_of::<C::Item>,
            step: entry::<C>,
            id: id::<C>,
            is_same: is_same::<C>,
            by: By::Index { len: len::<C>, swap: swap::<C>, resize },
            members: None,
        }
    }

    /// The entries of a map.
    pub(in crate::path) const fn map<C: Map<Item: State>>() -> Self {
        Self::keyed::<C>(None)
    }

    /// The members of a set.
    pub(in crate::path) const fn set<C: Set<Key: State>>() -> Self {
        Self::keyed::<C>(Some(Members {
            shape: shape_of::<C::Key>,
            abilities: abilities_of::<C::Key>,
            is_arranged: C::__ARRANGED,
            after: after::<C>,
            position: position::<C>,
        }))
    }

    const fn keyed<C: Keyed<Item: State>>(members: Option<Members>) -> Self {
        Self {
            members,
            shape: shape_of::<C::Item>,
            step: entry::<C>,
            id: id::<C>,
            is_same: is_same::<C>,
            by: By::Key {
                key: TypeId::of::<C::Key>(),
                keys: keys::<C>,
                some_keys: some_keys::<C>,
                own: own::<C>,
                add: add::<C>,
                take: take::<C>,
                remove: remove::<C>,
                restore: restore::<C>,
                put: put_entry::<C>,
                pull: pull::<C>,
            },
        }
    }
}

/// The shape of a `V`, as a function, because a type may contain itself.
pub(in crate::path) fn shape_of<V: State>() -> &'static Shape {
    V::__SHAPE
}

fn abilities_of<V: State>() -> Abilities {
    V::__ABILITIES
}

fn into_box<V: State>(from: ValueRef<'_>) -> Option<ValueRef<'_>> {
    Some(match from {
        ValueRef::Ref(from) => ValueRef::Ref(&**from.downcast_ref::<Box<V>>()?),
        ValueRef::Mut(from) => ValueRef::Mut(&mut **from.downcast_mut::<Box<V>>()?),
    })
}

fn into_arc<V: State>(from: ValueRef<'_>) -> Option<ValueRef<'_>> {
    Some(match from {
        ValueRef::Ref(from) => ValueRef::Ref(&**from.downcast_ref::<Arc<V>>()?),
        ValueRef::Mut(from) => ValueRef::Mut(Arc::get_mut(from.downcast_mut::<Arc<V>>()?)?),
    })
}

fn entry<'a, C: Collection>(from: ValueRef<'a>, key: &dyn Any) -> Option<ValueRef<'a>> {
    let key = key.downcast_ref()?;
    Some(match from {
        ValueRef::Ref(from) => ValueRef::Ref(from.downcast_ref::<C>()?.__get(key)?),
        ValueRef::Mut(from) => ValueRef::Mut(from.downcast_mut::<C>()?.__get_mut(key)?),
    })
}

fn is_same<C: Collection>(a: &dyn Any, b: &dyn Any) -> bool {
    a.downcast_ref::<C::Key>().is_some_and(|a| b.downcast_ref() == Some(a))
}

fn id<C: Collection>(key: &dyn Any) -> Option<EntryId> {
    key.downcast_ref().map(C::__id)
}

fn len<C: Sequence>(list: &dyn Any) -> usize {
    list.downcast_ref::<C>().map_or(0, C::__len)
}

fn keys<C: Keyed>(map: &dyn Any, visit: VisitKey<'_>) {
    if let Some(map) = map.downcast_ref::<C>() {
        map.__each_key(&mut |key| visit(key));
    }
}

fn some_keys<C: Keyed>(map: &dyn Any, limit: usize, visit: VisitKey<'_>) {
    if let Some(map) = map.downcast_ref::<C>() {
        map.__first_keys(limit, &mut |key| visit(key));
    }
}

fn add<C: Keyed>(map: &mut dyn Any, key: &dyn Any, item: Box<dyn Any>) -> Result<(), Box<dyn Any>> {
    let (map, key) = (map.downcast_mut::<C>(), key.downcast_ref::<C::Key>());
    let (Some(map), Some(key)) = (map, key) else { return Err(item) };
    map.__add(key.clone(), *item.downcast::<C::Item>()?);
    Ok(())
}

fn take<C: Keyed>(map: &mut dyn Any, key: &dyn Any) -> Option<Box<dyn Any>> {
    let removed = map.downcast_mut::<C>()?.__remove(key.downcast_ref()?)?;
    Some(Box::new(removed.into_parts().1))
}

fn remove<C: Keyed>(map: &mut dyn Any, key: &dyn Any) -> Option<Box<dyn Any>> {
    let removed = map.downcast_mut::<C>()?.__remove(key.downcast_ref()?)?;
    Some(Box::new(removed))
}

fn restore<C: Keyed>(map: &mut dyn Any, removed: Box<dyn Any>) -> Result<(), Box<dyn Any>> {
    match map.downcast_mut::<C>() {
        Some(map) => map.__restore(*removed.downcast::<Removed<C>>()?),
        None => return Err(removed),
    }
    Ok(())
}

fn own<C: Keyed>(key: &dyn Any) -> Option<AnyKey> {
    Some(Arc::new(key.downcast_ref::<C::Key>()?.clone()))
}

fn after<C: Set>(set: &dyn Any, member: &dyn Any) -> Option<AnyKey> {
    let next = set.downcast_ref::<C>()?.__after(member.downcast_ref()?)?;
    Some(Arc::new(next.clone()))
}

fn position<C: Set>(set: &dyn Any, member: &dyn Any) -> Option<usize> {
    set.downcast_ref::<C>()?.__position(member.downcast_ref()?)
}

fn swap<C: Sequence>(list: &mut dyn Any, a: usize, b: usize) {
    if let Some(list) = list.downcast_mut::<C>() {
        list.__swap(a, b);
    }
}

fn put_elements<C: List>(list: &mut dyn Any, items: Vec<(usize, Box<dyn Any>)>) {
    let Some(list) = list.downcast_mut::<C>() else { return };
    let removed = items.into_iter().filter_map(|(index, item)| {
        Some(Removed { position: index, key: index, item: *item.downcast().ok()? })
    });
    list.__restore_all(removed.collect());
}

fn take_elements<C: List>(list: &mut dyn Any, indices: &[usize]) -> Vec<Box<dyn Any>> {
    let mut removed = Vec::new();
    if let Some(list) = list.downcast_mut::<C>() {
        list.__remove_all(indices, &mut removed);
    }
    let items = removed.into_iter().map(Removed::into_parts);
    items.map(|(_, item)| Box::new(item) as Box<dyn Any>).collect()
}

fn put_entry<C: Keyed>(
    map: &mut dyn Any,
    key: AddedKey<'_>,
    at: Option<usize>,
    item: Box<dyn Any>,
) {
    let key = match key {
        AddedKey::Clone(key) => key.downcast_ref::<C::Key>().cloned(),
        AddedKey::Own(key) => key.downcast::<C::Key>().ok().map(|key| *key),
    };
    let (Some(map), Some(key)) = (map.downcast_mut::<C>(), key) else { return };
    if let Ok(item) = item.downcast::<C::Item>() {
        let position = at.unwrap_or(map.__len()).min(map.__len());
        map.__restore(Removed { position, key, item: *item });
    }
}

fn pull<C: Keyed>(map: &mut dyn Any, key: &dyn Any) -> Option<PulledEntry> {
    let Removed { position, key, item } = map.downcast_mut::<C>()?.__remove(key.downcast_ref()?)?;
    Some(PulledEntry { position, key: Box::new(key), item: Box::new(item) })
}
