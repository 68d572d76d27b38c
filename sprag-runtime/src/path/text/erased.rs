//! Values of which only the shape is known: the steps into a value, and the operations on
//! it.
//!
//! Types are erased here and restored: each function is generated for one type, and returns
//! `None` or does nothing for a value of another one.

use std::any::{Any, TypeId, type_name};
use std::sync::Arc;

use crate::path::ability::Abilities;
use crate::path::location::EntryId;
use crate::path::shape::Shape;

/// A borrowed value on the way to a place.
#[derive(Debug)]
pub(crate) enum ValueRef<'a> {
    Ref(&'a dyn Any),
    Mut(&'a mut dyn Any),
}

impl<'a> ValueRef<'a> {
    pub(in crate::path) fn of(value: Option<&'a dyn Any>) -> Option<Self> {
        value.map(Self::Ref)
    }

    pub(in crate::path) fn of_mut(value: Option<&'a mut dyn Any>) -> Option<Self> {
        value.map(Self::Mut)
    }

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

/// The part function of a value without places.
pub(in crate::path) fn no_part(_: ValueRef<'_>, _: usize) -> Option<ValueRef<'_>> {
    None
}

/// The operations on a value of one type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypeVtable {
    /// Identifies the type.
    pub(crate) id: TypeId,
    /// The type as Rust writes it.
    pub(crate) name: fn() -> &'static str,
    /// The type's documentation.
    pub(crate) doc: &'static str,
    /// Exchanges two values.
    pub(crate) exchange: fn(&mut dyn Any, &mut dyn Any),
    /// Exchanges the parts that serde omits between two values, if there are any.
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
}

fn exchange<V: 'static>(a: &mut dyn Any, b: &mut dyn Any) {
    if let (Some(a), Some(b)) = (a.downcast_mut::<V>(), b.downcast_mut()) {
        std::mem::swap(a, b);
    }
}

/// The contents where the static tree ends.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Contents {
    Nothing,
    /// One value, in a box.
    Inside(Inside),
    /// Entries, behind keys.
    Entries(&'static Entries),
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
    /// The identity of a key in a cell's index.
    pub(crate) id: fn(&dyn Any) -> Option<EntryId>,
    /// Whether two keys are equal.
    pub(crate) is_same: fn(&dyn Any, &dyn Any) -> bool,
    pub(crate) by: By,
    /// The facts of a set, whose members are the keys of entries without a content.
    pub(crate) members: Option<Members>,
}

/// The members of a set, as values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members {
    /// A function, because a type may contain itself.
    pub(crate) shape: fn() -> &'static Shape,
    /// The operations on a member.
    pub(crate) abilities: fn() -> Abilities,
    /// Whether the members have another order than that of their `Ord`, in which equal sets
    /// may differ.
    pub(crate) is_arranged: bool,
    /// The next member in the set's order; `None` behind the last one, and in a set without
    /// an order.
    pub(crate) after: fn(&dyn Any, &dyn Any) -> Option<AnyKey>,
    /// The position of a member, in a set whose order is not that of the members' `Ord`.
    pub(crate) position: fn(&dyn Any, &dyn Any) -> Option<usize>,
}

/// The way in which entries are found.
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
        /// Adds an entry with a new key to a map; returns the value if the types do not
        /// match.
        add: fn(&mut dyn Any, &dyn Any, Box<dyn Any>) -> Added,
        /// Removes and returns the value of an entry.
        take: TakeOut,
        /// Takes an entry out.
        remove: TakeOut,
        /// Puts an entry back that was taken out.
        restore: fn(&mut dyn Any, Box<dyn Any>) -> Added,
        /// Adds an entry at a position, as the last one without, to a map that has none of
        /// its key.
        put: PutEntry,
        /// Takes an entry out with its key and its position.
        pull: PullEntry,
    },
}

/// Adds an entry for a key, at a position.
pub(crate) type PutEntry = fn(&mut dyn Any, AddedKey<'_>, Option<usize>, Box<dyn Any>);

/// Removes and returns the entry of a key.
pub(crate) type PullEntry = fn(&mut dyn Any, &dyn Any) -> Option<PulledEntry>;

/// The key of an entry that is put into a map.
pub(crate) enum AddedKey<'a> {
    /// The map gets a clone.
    Clone(&'a dyn Any),
    /// A key that was taken out of the map.
    Own(Box<dyn Any>),
}

/// An entry that was taken out of a map.
pub(crate) struct PulledEntry {
    pub(crate) position: usize,
    pub(crate) key: Box<dyn Any>,
    pub(crate) item: Box<dyn Any>,
}

/// Puts elements in at indices.
pub(crate) type PutElements = fn(&mut dyn Any, Vec<(usize, Box<dyn Any>)>);

/// Removes and returns the elements at indices.
pub(crate) type TakeElements = fn(&mut dyn Any, &[usize]) -> Vec<Box<dyn Any>>;

/// How elements of a list are inserted and removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resize {
    /// Puts elements in, each with the index that it will have, in order.
    pub(crate) put: PutElements,
    /// Removes and returns the elements at these ascending indices.
    pub(crate) take: TakeElements,
}
