//! The abilities of the standard library's types that hold others, composed of the
//! abilities of the held types.

use std::any::Any;
use std::sync::Arc;

use super::{Abilities, AbilityTree, Read};
use crate::path::collection::{List, Map, Sequence, Set};
use crate::path::state::State;

/// The abilities of a `V` and its places.
pub(in crate::path) fn tree<V: State>() -> &'static AbilityTree {
    V::__ABILITY_TREE
}

/// The abilities of an `Option<V>`.
pub(in crate::path) const fn option<V: State>() -> Abilities {
    let inner = V::__ABILITIES;
    Abilities {
        clone: None,
        eq: if inner.eq.is_some() { Some(equal_options::<V>) } else { None },
        #[cfg(feature = "serde")]
        write: if inner.write.is_some() { Some(serial::write_option::<V>) } else { None },
        #[cfg(feature = "serde")]
        read: if inner.read.is_some() { Some(serial::read_option::<V>) } else { None },
        #[cfg(not(feature = "serde"))]
        write: None,
        #[cfg(not(feature = "serde"))]
        read: None,
    }
}

/// How a list is read.
#[cfg_attr(
    not(feature = "serde"),
    expect(clippy::extra_unused_type_parameters, reason = "nothing is read without serde")
)]
pub(in crate::path) const fn list_reader<C: List<Item: State> + Default>() -> Option<Read> {
    #[cfg(feature = "serde")]
    return Some(super::serial::read_list::<C>);
    #[cfg(not(feature = "serde"))]
    None
}

/// How a map is read.
#[cfg_attr(
    not(feature = "serde"),
    expect(clippy::extra_unused_type_parameters, reason = "nothing is read without serde")
)]
pub(in crate::path) const fn map_reader<C: Map<Item: State> + Default>() -> Option<Read> {
    #[cfg(feature = "serde")]
    return Some(super::serial::read_map::<C>);
    #[cfg(not(feature = "serde"))]
    None
}

/// The abilities of a sequence, which is readable where `read` is given.
pub(in crate::path) const fn list<C: Sequence<Item: State>>(read: Option<Read>) -> Abilities {
    let inner = C::Item::__ABILITIES;
    Abilities {
        clone: None,
        eq: if inner.eq.is_some() { Some(equal_lists::<C>) } else { None },
        #[cfg(feature = "serde")]
        write: if inner.write.is_some() { Some(serial::write_list::<C>) } else { None },
        #[cfg(not(feature = "serde"))]
        write: None,
        read: if inner.read.is_some() { read } else { None },
    }
}

/// The abilities of a map, which is readable where `read` is given.
pub(in crate::path) const fn map<C: Map<Item: State>>(read: Option<Read>) -> Abilities {
    let inner = C::Item::__ABILITIES;
    Abilities {
        clone: None,
        eq: if inner.eq.is_some() { Some(equal_maps::<C>) } else { None },
        #[cfg(feature = "serde")]
        write: if inner.write.is_some() { Some(serial::write_map::<C>) } else { None },
        #[cfg(not(feature = "serde"))]
        write: None,
        read: if inner.read.is_some() { read } else { None },
    }
}

/// The abilities of a set; `own` has the clone and the comparison.
#[cfg_attr(
    not(feature = "serde"),
    expect(clippy::extra_unused_type_parameters, reason = "nothing is written without serde")
)]
pub(in crate::path) const fn set<C>(own: Abilities) -> Abilities
where
    C: Set<Key: State> + Default,
{
    #[cfg(not(feature = "serde"))]
    return own;
    #[cfg(feature = "serde")]
    {
        let member = C::Key::__ABILITIES;
        let write = if member.write.is_some() {
            Some(serial::write_set::<C> as super::Write)
        } else {
            None
        };
        let read =
            if member.read.is_some() { Some(super::serial::read_set::<C> as Read) } else { None };
        Abilities { write, read, ..own }
    }
}

/// The abilities of a `Box<V>`.
pub(in crate::path) const fn boxed<V: State>() -> Abilities {
    let inner = V::__ABILITIES;
    Abilities {
        clone: None,
        eq: if inner.eq.is_some() { Some(equal_boxes::<V>) } else { None },
        #[cfg(feature = "serde")]
        write: if inner.write.is_some() { Some(serial::write_box::<V>) } else { None },
        #[cfg(feature = "serde")]
        read: if inner.read.is_some() { Some(serial::read_box::<V>) } else { None },
        #[cfg(not(feature = "serde"))]
        write: None,
        #[cfg(not(feature = "serde"))]
        read: None,
    }
}

/// The abilities of an `Arc<V>`.
pub(in crate::path) const fn shared<V: State>() -> Abilities {
    let inner = V::__ABILITIES;
    Abilities {
        clone: None,
        eq: if inner.eq.is_some() { Some(equal_arcs::<V>) } else { None },
        #[cfg(feature = "serde")]
        write: if inner.write.is_some() { Some(serial::write_arc::<V>) } else { None },
        #[cfg(feature = "serde")]
        read: if inner.read.is_some() { Some(serial::read_arc::<V>) } else { None },
        #[cfg(not(feature = "serde"))]
        write: None,
        #[cfg(not(feature = "serde"))]
        read: None,
    }
}

fn equal_inner<V: State>(a: &V, b: &V) -> Option<bool> {
    V::__ABILITIES.eq.and_then(|equal| equal(a, b))
}

fn equal_options<V: State>(a: &dyn Any, b: &dyn Any) -> Option<bool> {
    match (a.downcast_ref::<Option<V>>()?, b.downcast_ref::<Option<V>>()?) {
        (Some(a), Some(b)) => equal_inner(a, b),
        (None, None) => Some(true),
        _ => Some(false),
    }
}

fn equal_boxes<V: State>(a: &dyn Any, b: &dyn Any) -> Option<bool> {
    equal_inner::<V>(a.downcast_ref::<Box<V>>()?, b.downcast_ref::<Box<V>>()?)
}

fn equal_arcs<V: State>(a: &dyn Any, b: &dyn Any) -> Option<bool> {
    equal_inner::<V>(a.downcast_ref::<Arc<V>>()?, b.downcast_ref::<Arc<V>>()?)
}

fn equal_lists<C: Sequence<Item: State>>(a: &dyn Any, b: &dyn Any) -> Option<bool> {
    let (a, b) = (a.downcast_ref::<C>()?, b.downcast_ref::<C>()?);
    if a.__len() != b.__len() {
        return Some(false);
    }
    for index in 0..a.__len() {
        if !equal_inner(a.__get(&index)?, b.__get(&index)?)? {
            return Some(false);
        }
    }
    Some(true)
}

/// The order of keys counts where the map has one.
fn equal_maps<C: Map<Item: State>>(a: &dyn Any, b: &dyn Any) -> Option<bool> {
    let (a, b) = (a.downcast_ref::<C>()?, b.downcast_ref::<C>()?);
    if !a.__has_keys_of(b) {
        return Some(false);
    }
    let mut equal = Some(true);
    a.__each_key(&mut |key| {
        if equal == Some(true) {
            let both = a.__get(key).zip(b.__get(key));
            equal = both.and_then(|(a, b)| equal_inner(a, b));
        }
    });
    equal
}

#[cfg(feature = "serde")]
mod serial {
    use std::any::{Any, TypeId};
    use std::fmt;
    use std::marker::PhantomData;
    use std::sync::Arc;

    use erased_serde::{Deserializer as AnyDeserializer, Error as AnyError, Serialize as Shown};
    use serde::de::{DeserializeSeed as _, Deserializer, Visitor};
    use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

    use crate::error::UNKNOWN_KEYS;
    use crate::path::ability::serial::{reading, typed};
    use crate::path::ability::{Read, ReadSeed, Writing, builtin, text_of_key};
    use crate::path::collection::{Map, Sequence, Set};
    use crate::path::state::State;

    type Show<'a> = &'a mut dyn FnMut(&dyn Shown);

    fn writing<V: State>(value: &V) -> Option<Writing<'_>> {
        Some(Writing { value, write: V::__ABILITIES.write? })
    }

    pub(super) fn write_option<V: State>(value: &dyn Any, show: Show<'_>) {
        match value.downcast_ref::<Option<V>>() {
            Some(Some(inner)) => show(&writing(inner)),
            Some(None) => show(&None::<()>),
            None => {}
        }
    }

    pub(super) fn write_box<V: State>(value: &dyn Any, show: Show<'_>) {
        let inner = value.downcast_ref::<Box<V>>();
        if let Some(inner) = inner.and_then(|value| writing::<V>(value)) {
            show(&inner);
        }
    }

    pub(super) fn write_arc<V: State>(value: &dyn Any, show: Show<'_>) {
        let inner = value.downcast_ref::<Arc<V>>();
        if let Some(inner) = inner.and_then(|value| writing::<V>(value)) {
            show(&inner);
        }
    }

    pub(super) fn write_list<C: Sequence<Item: State>>(value: &dyn Any, show: Show<'_>) {
        struct ElementsWriter<'a, C>(&'a C);

        impl<C: Sequence<Item: State>> Serialize for ElementsWriter<'_, C> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut elements = serializer.serialize_seq(Some(self.0.__len()))?;
                for index in 0..self.0.__len() {
                    if let Some(item) = self.0.__get(&index).and_then(writing) {
                        elements.serialize_element(&item)?;
                    }
                }
                elements.end()
            }
        }

        if let Some(list) = value.downcast_ref::<C>() {
            show(&ElementsWriter(list));
        }
    }

    pub(super) fn write_map<C: Map<Item: State>>(value: &dyn Any, show: Show<'_>) {
        struct EntriesWriter<'a, C>(&'a C);

        impl<C: Map<Item: State>> Serialize for EntriesWriter<'_, C> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let key = builtin(TypeId::of::<C::Key>()).and_then(|key| key.text);
                let key = key.ok_or_else(|| S::Error::custom(UNKNOWN_KEYS))?;
                let mut pairs = serializer.serialize_map(Some(self.0.__len()))?;
                let mut outcome = Ok(());
                self.0.__each_key(&mut |each| {
                    let (text, item) =
                        (text_of_key(key, each), self.0.__get(each).and_then(writing));
                    if let (Ok(()), Some(text), Some(item)) = (&outcome, text, item) {
                        outcome = pairs.serialize_entry(&text, &item);
                    }
                });
                outcome?;
                pairs.end()
            }
        }

        if let Some(map) = value.downcast_ref::<C>() {
            show(&EntriesWriter(map));
        }
    }

    pub(super) fn write_set<C: Set<Key: State>>(value: &dyn Any, show: Show<'_>) {
        struct MembersWriter<'a, C>(&'a C);

        impl<C: Set<Key: State>> Serialize for MembersWriter<'_, C> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut members = serializer.serialize_seq(Some(self.0.__len()))?;
                let mut outcome = Ok(());
                self.0.__each_key(&mut |member| {
                    if let (Ok(()), Some(member)) = (&outcome, writing(member)) {
                        outcome = members.serialize_element(&member);
                    }
                });
                outcome?;
                members.end()
            }
        }

        if let Some(set) = value.downcast_ref::<C>() {
            show(&MembersWriter(set));
        }
    }

    pub(super) fn read_box<V: State>(
        from: &mut (dyn AnyDeserializer<'_> + '_),
    ) -> Result<Box<dyn Any>, AnyError> {
        let inner: V = typed(reading::<V>()?(from)?)?;
        Ok(Box::new(Box::new(inner)))
    }

    pub(super) fn read_arc<V: State>(
        from: &mut (dyn AnyDeserializer<'_> + '_),
    ) -> Result<Box<dyn Any>, AnyError> {
        let inner: V = typed(reading::<V>()?(from)?)?;
        Ok(Box::new(Arc::new(inner)))
    }

    pub(super) fn read_option<V: State>(
        from: &mut (dyn AnyDeserializer<'_> + '_),
    ) -> Result<Box<dyn Any>, AnyError> {
        struct OptionVisitor<V>(Read, PhantomData<fn() -> V>);

        impl<'de, V: State> Visitor<'de> for OptionVisitor<V> {
            type Value = Option<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("option")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Option<V>, E> {
                Ok(None)
            }

            fn visit_none<E: serde::de::Error>(self) -> Result<Option<V>, E> {
                Ok(None)
            }

            fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Option<V>, D::Error> {
                ReadSeed(self.0).deserialize(from).and_then(typed).map(Some)
            }
        }

        let inner = from.deserialize_option(OptionVisitor::<V>(reading::<V>()?, PhantomData))?;
        Ok(Box::new(inner))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;
    use std::sync::Arc;

    use crate::path::state::State;

    /// Each of the values equals itself alone.
    fn are_different<V: State + Debug>(values: &[V]) {
        let equal = V::__ABILITIES.eq.expect("the contents can be compared");
        for (index, a) in values.iter().enumerate() {
            for (other, b) in values.iter().enumerate() {
                assert_eq!(equal(a, b), Some(index == other), "{a:?} {b:?}");
            }
        }
        assert_eq!(equal(&values[0], &()), None);
    }

    #[test]
    fn d1_values_of_a_type_parameter_are_compared_by_their_contents() {
        are_different(&[None, Some(1), Some(2)]);
        are_different(&[vec![], vec![1], vec![2], vec![1, 2], vec![2, 1]]);
        are_different(&[Box::new(1), Box::new(2)]);
        are_different(&[Arc::new(1), Arc::new(2)]);
        let map = |keys: &[(u8, u8)]| keys.iter().copied().collect::<BTreeMap<_, _>>();
        are_different(&[
            map(&[]),
            map(&[(1, 1)]),
            map(&[(2, 1)]),
            map(&[(1, 1), (2, 1)]),
            map(&[(1, 1), (2, 2)]),
            map(&[(1, 1), (3, 1)]),
        ]);
        are_different(&[vec![map(&[])], vec![map(&[(1, 1)])], vec![map(&[(2, 1)])]]);
    }
}
