//! Values of which only the shape is known: how to step into one, and what can be
//! done with it.
//!
//! Here types are left behind and found again: each function is made for one type,
//! and answers `None` or does nothing when it is shown another.

use std::any::{Any, TypeId, type_name};
use std::sync::Arc;

use crate::path::collection::{Collection, List, Map, Removed, Sequence};
use crate::path::location::EntryId;
use crate::path::shape::Shape;
use crate::path::state::State;

/// A borrowed value on the way to a place.
#[derive(Debug)]
pub(crate) enum ValueRef<'a> {
    Ref(&'a dyn Any),
    Mut(&'a mut dyn Any),
}

impl<'a> ValueRef<'a> {
    /// The value, to be read.
    pub(crate) fn shared(self) -> Option<&'a dyn Any> {
        match self {
            Self::Ref(value) => Some(value),
            Self::Mut(value) => Some(value),
        }
    }

    /// The value, to be written.
    pub(crate) fn exclusive(self) -> Option<&'a mut dyn Any> {
        match self {
            Self::Ref(_) => None,
            Self::Mut(value) => Some(value),
        }
    }
}

/// The value of a place of a `V`, counted as `State::__part` does.
pub(in crate::path) fn part<V: State>(from: ValueRef<'_>, index: usize) -> Option<ValueRef<'_>> {
    Some(match from {
        ValueRef::Ref(from) => ValueRef::Ref(from.downcast_ref::<V>()?.__part(index)?),
        ValueRef::Mut(from) => ValueRef::Mut(from.downcast_mut::<V>()?.__part_mut(index)?),
    })
}

/// What has no places.
pub(in crate::path) fn no_part(_: ValueRef<'_>, _: usize) -> Option<ValueRef<'_>> {
    None
}

/// What can be done with a value of one type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypeVtable {
    /// Tells types apart.
    pub(crate) id: TypeId,
    /// The type as Rust writes it.
    pub(crate) name: fn() -> &'static str,
    /// The type's documentation.
    pub(crate) doc: &'static str,
    /// Exchanges two values.
    pub(crate) exchange: fn(&mut dyn Any, &mut dyn Any),
    /// Exchanges what serde leaves out of two values, where there is any.
    pub(crate) keep: Option<fn(&mut dyn Any, &mut dyn Any)>,
}

impl TypeVtable {
    pub(in crate::path) const fn opaque<V: 'static>() -> Self {
        Self {
            id: TypeId::of::<V>(),
            name: type_name::<V>,
            doc: "",
            exchange: exchange::<V>,
            keep: None,
        }
    }

    pub(in crate::path) const fn of<T: State>() -> Self {
        let keep: Option<fn(&mut dyn Any, &mut dyn Any)> =
            if T::__KEEP.is_some() { Some(keep::<T>) } else { None };
        Self { doc: T::__DOC, keep, ..Self::opaque::<T>() }
    }
}

fn exchange<V: 'static>(a: &mut dyn Any, b: &mut dyn Any) {
    if let (Some(a), Some(b)) = (a.downcast_mut::<V>(), b.downcast_mut()) {
        std::mem::swap(a, b);
    }
}

fn keep<T: State>(a: &mut dyn Any, b: &mut dyn Any) {
    if let (Some(keep), Some(a), Some(b)) = (T::__KEEP, a.downcast_mut(), b.downcast_mut()) {
        keep(a, b);
    }
}

/// What lies where the static tree ends.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Contents {
    Nothing,
    /// One value, in a box.
    Inside(Inside),
    /// Entries, behind keys.
    Entries(Entries),
}

/// The way into a box.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Inside {
    /// A function, because a type may contain itself.
    pub(crate) shape: fn() -> &'static Shape,
    pub(crate) step: for<'a> fn(ValueRef<'a>) -> Option<ValueRef<'a>>,
    /// Whether others may hold the value, so that text does not write it.
    pub(crate) is_shared: bool,
}

impl Inside {
    /// Into a `Box`.
    pub(in crate::path) const fn boxed<V: State>() -> Self {
        Self { shape: shape::<V>, step: into_box::<V>, is_shared: false }
    }

    /// Into an `Arc`.
    pub(in crate::path) const fn shared<V: State>() -> Self {
        Self { shape: shape::<V>, step: into_arc::<V>, is_shared: true }
    }
}

/// A key whose type only its collection knows.
pub(crate) type AnyKey = Arc<dyn Any + Send + Sync>;

/// Is shown each key of a map.
pub(crate) type VisitKey<'a> = &'a mut dyn FnMut(&dyn Any);

/// Takes something out of a map.
pub(crate) type TakeOut = fn(&mut dyn Any, &dyn Any) -> Option<Box<dyn Any>>;

/// A value that could not be added to a map is given back.
pub(crate) type Added = Result<(), Box<dyn Any>>;

/// The way to entries.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Entries {
    /// A function, because a type may contain itself.
    pub(crate) shape: fn() -> &'static Shape,
    pub(crate) step: for<'a> fn(ValueRef<'a>, &dyn Any) -> Option<ValueRef<'a>>,
    /// What a cell's table knows a key by.
    pub(crate) id: fn(&dyn Any) -> Option<EntryId>,
    pub(crate) by: By,
}

/// What entries are found by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    Index {
        len: fn(&dyn Any) -> usize,
        /// Exchanges two elements.
        swap: fn(&mut dyn Any, usize, usize),
        /// `None` for an array.
        resize: Option<Resize>,
    },
    Key {
        /// The type of the keys.
        key: TypeId,
        /// Shows all keys, in the map's order.
        keys: fn(&dyn Any, VisitKey<'_>),
        /// Shows the first keys, as many as the number says.
        some_keys: fn(&dyn Any, usize, VisitKey<'_>),
        /// A clone of a key.
        own: fn(&dyn Any) -> Option<AnyKey>,
        /// Adds an entry to a map that has none of its key; gives the value back where the
        /// types do not fit.
        add: fn(&mut dyn Any, &dyn Any, Box<dyn Any>) -> Added,
        /// Takes the value of an entry out.
        take: TakeOut,
        /// Takes an entry out.
        remove: TakeOut,
        /// Puts an entry back that was taken out.
        restore: fn(&mut dyn Any, Box<dyn Any>) -> Added,
        /// Adds an entry at a position, as the last one without, to a map that has none of
        /// its key.
        put: PutEntry,
        /// Takes an entry out: its position and its value.
        pull: PullEntry,
    },
}

/// Adds an entry for a key, at a position.
pub(crate) type PutEntry = fn(&mut dyn Any, &dyn Any, Option<usize>, Box<dyn Any>);

/// Takes the entry of a key out: its position and its value.
pub(crate) type PullEntry = fn(&mut dyn Any, &dyn Any) -> Option<(usize, Box<dyn Any>)>;

/// Puts elements in at indices.
pub(crate) type PutElements = fn(&mut dyn Any, Vec<(usize, Box<dyn Any>)>);

/// Takes the elements at indices out.
pub(crate) type TakeElements = fn(&mut dyn Any, &[usize]) -> Vec<Box<dyn Any>>;

/// How elements of a list come and go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resize {
    /// Puts elements in, each with the index that it will have, in order.
    pub(crate) put: PutElements,
    /// Takes the elements at these indices, which ascend, out.
    pub(crate) take: TakeElements,
}

impl Contents {
    /// What a `Box` holds.
    pub(in crate::path) const fn boxed<V: State>() -> Self {
        Self::Inside(Inside::boxed::<V>())
    }

    /// What an `Arc` holds, which is written only where nobody shares it.
    pub(in crate::path) const fn shared<V: State>() -> Self {
        Self::Inside(Inside::shared::<V>())
    }

    /// The elements of a list.
    pub(in crate::path) const fn list<C: List>() -> Self {
        Self::Entries(Entries::list::<C>())
    }

    /// The elements of an array.
    pub(in crate::path) const fn array<C: Sequence>() -> Self {
        Self::Entries(Entries::array::<C>())
    }

    /// The entries of a map.
    pub(in crate::path) const fn map<C: Map>() -> Self {
        Self::Entries(Entries::map::<C>())
    }
}

impl Entries {
    /// The elements of a list.
    pub(in crate::path) const fn list<C: List>() -> Self {
        Self::sequence::<C>(Some(Resize { put: put_elements::<C>, take: take_elements::<C> }))
    }

    /// The elements of an array.
    pub(in crate::path) const fn array<C: Sequence>() -> Self {
        Self::sequence::<C>(None)
    }

    const fn sequence<C: Sequence>(resize: Option<Resize>) -> Self {
        Self {
            shape: shape::<C::Item>,
            step: entry::<C>,
            id: id::<C>,
            by: By::Index { len: len::<C>, swap: swap::<C>, resize },
        }
    }

    /// The entries of a map.
    pub(in crate::path) const fn map<C: Map>() -> Self {
        Self {
            shape: shape::<C::Item>,
            step: entry::<C>,
            id: id::<C>,
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

fn shape<V: State>() -> &'static Shape {
    V::__SHAPE
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

fn id<C: Collection>(key: &dyn Any) -> Option<EntryId> {
    key.downcast_ref().map(C::__id)
}

fn len<C: Sequence>(list: &dyn Any) -> usize {
    list.downcast_ref::<C>().map_or(0, C::__len)
}

fn keys<C: Map>(map: &dyn Any, visit: VisitKey<'_>) {
    if let Some(map) = map.downcast_ref::<C>() {
        map.__each_key(&mut |key| visit(key));
    }
}

fn some_keys<C: Map>(map: &dyn Any, limit: usize, visit: VisitKey<'_>) {
    if let Some(map) = map.downcast_ref::<C>() {
        map.__first_keys(limit, &mut |key| visit(key));
    }
}

fn add<C: Map>(map: &mut dyn Any, key: &dyn Any, item: Box<dyn Any>) -> Result<(), Box<dyn Any>> {
    let (map, key) = (map.downcast_mut::<C>(), key.downcast_ref::<C::Key>());
    let (Some(map), Some(key)) = (map, key) else { return Err(item) };
    map.__add(key.clone(), *item.downcast::<C::Item>()?);
    Ok(())
}

fn take<C: Map>(map: &mut dyn Any, key: &dyn Any) -> Option<Box<dyn Any>> {
    let removed = map.downcast_mut::<C>()?.__remove(key.downcast_ref()?)?;
    Some(Box::new(removed.into_parts().1))
}

fn remove<C: Map>(map: &mut dyn Any, key: &dyn Any) -> Option<Box<dyn Any>> {
    let removed = map.downcast_mut::<C>()?.__remove(key.downcast_ref()?)?;
    Some(Box::new(removed))
}

fn restore<C: Map>(map: &mut dyn Any, removed: Box<dyn Any>) -> Result<(), Box<dyn Any>> {
    match map.downcast_mut::<C>() {
        Some(map) => map.__restore(*removed.downcast::<Removed<C>>()?),
        None => return Err(removed),
    }
    Ok(())
}

fn own<C: Map>(key: &dyn Any) -> Option<AnyKey> {
    Some(Arc::new(key.downcast_ref::<C::Key>()?.clone()))
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

fn put_entry<C: Map>(map: &mut dyn Any, key: &dyn Any, at: Option<usize>, item: Box<dyn Any>) {
    let (Some(map), Some(key)) = (map.downcast_mut::<C>(), key.downcast_ref::<C::Key>()) else {
        return;
    };
    if let Ok(item) = item.downcast::<C::Item>() {
        let position = at.unwrap_or(map.__len()).min(map.__len());
        map.__restore(Removed { position, key: key.clone(), item: *item });
    }
}

fn pull<C: Map>(map: &mut dyn Any, key: &dyn Any) -> Option<(usize, Box<dyn Any>)> {
    let removed = map.downcast_mut::<C>()?.__remove(key.downcast_ref()?)?;
    Some((removed.position, Box::new(removed.item)))
}
