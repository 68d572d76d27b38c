//! Writing and reading values by serde, where their types are not known.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;

use erased_serde::{Deserializer as AnyDeserializer, Error as AnyError, Serialize as AnySerialize};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::spoken::Spoken;
use super::{KeyAbilities, KeyRead, KeyText, Probe, keys};
use crate::error::UNKNOWN_KEYS;
use crate::path::collection::{List, Map, Set};
use crate::path::state::State;

/// Passes the serialisable form of a value to a visitor; passes nothing if the value is of
/// another type.
pub type Write = fn(&dyn Any, &mut dyn FnMut(&dyn AnySerialize));

/// Reads a value.
pub type Read =
    for<'a, 'de> fn(&'a mut (dyn AnyDeserializer<'de> + 'a)) -> Result<Box<dyn Any>, AnyError>;

impl<T: Serialize + 'static> Probe<T> {
    pub const WRITE: Option<Write> = Some(Self::WRITTEN);
    pub(crate) const WRITTEN: Write = |value, show| {
        if let Some(value) = value.downcast_ref::<T>() {
            show(&Spoken(value));
        }
    };
    /// The same of a type whose `Serialize` does not print errors.
    pub const PLAIN_WRITE: Option<Write> = Some(|value, show| {
        if let Some(value) = value.downcast_ref::<T>() {
            show(value);
        }
    });
    pub const KEY_TEXT: Option<KeyText> =
        Some(|key, pass| keys::pass_text(key.downcast_ref::<T>()?, pass));
}

impl<T: DeserializeOwned + 'static> Probe<T> {
    pub const READ: Option<Read> = Some(|from| Ok(Box::new(T::deserialize(from)?)));
}

impl<K: DeserializeOwned + Send + Sync + 'static> Probe<K> {
    pub const KEY_READ: Option<KeyRead> = Some(keys::read::<K>);
}

impl<C: Map<Key: Serialize + DeserializeOwned>> Probe<C> {
    /// The keys of a map, where its type is known by an alias alone.
    pub const MAP_KEY: Option<KeyAbilities> = Some(KeyAbilities {
        id: TypeId::of::<C::Key>(),
        text: Probe::<C::Key>::KEY_TEXT,
        read: Probe::<C::Key>::KEY_READ,
    });
}

/// A value of an unknown type, as serde writes it.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'a> {
    pub(crate) value: &'a dyn Any,
    pub(crate) write: Write,
}

impl Serialize for Writing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut serializer, mut written) = (Some(serializer), None);
        (self.write)(self.value, &mut |value| {
            written = serializer.take().map(|serializer| value.serialize(serializer));
        });
        written.unwrap_or_else(|| Err(serde::ser::Error::custom("the value is of another type")))
    }
}

/// Reads a value of an unknown type inside of another.
pub(crate) struct ReadSeed(pub(crate) Read);

impl<'de> DeserializeSeed<'de> for ReadSeed {
    type Value = Box<dyn Any>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Box<dyn Any>, D::Error> {
        (self.0)(&mut <dyn AnyDeserializer<'_>>::erase(from)).map_err(de::Error::custom)
    }
}

/// A function of the user's that reads a field.
#[doc(hidden)]
pub fn read_by<T: 'static, E: fmt::Display>(read: Result<T, E>) -> Result<Box<dyn Any>, AnyError> {
    match read {
        Ok(value) => Ok(Box::new(value)),
        Err(error) => Err(de::Error::custom(error)),
    }
}

/// Takes the place of a `serialize` that a module of the user's does not have.
#[doc(hidden)]
pub fn unwritable<T: ?Sized, S: Serializer>(_: &T, _: S) -> Result<S::Ok, S::Error> {
    Err(serde::ser::Error::custom("its module does not write it"))
}

/// Takes the place of a `deserialize` that a module of the user's does not have.
#[doc(hidden)]
pub fn unreadable<'de, T, D: Deserializer<'de>>(_: D) -> Result<T, D::Error> {
    Err(de::Error::custom("its module does not read it"))
}

/// Reads a list.
pub(super) fn read_list<C: List<Item: State> + Default>(
    from: &mut (dyn AnyDeserializer<'_> + '_),
) -> Result<Box<dyn Any>, AnyError> {
    struct ElementsVisitor<C>(Read, PhantomData<fn() -> C>);

    impl<'de, C: List<Item: State> + Default> Visitor<'de> for ElementsVisitor<C> {
        type Value = C;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<C, A::Error> {
            let mut list = C::default();
            while let Some(item) = elements.next_element_seed(ReadSeed(self.0))? {
                list.__push(typed(item)?);
            }
            Ok(list)
        }
    }

    let list = from.deserialize_seq(ElementsVisitor::<C>(reading::<C::Item>()?, PhantomData))?;
    Ok(Box::new(list))
}

/// Reads a map.
pub(super) fn read_map<C: Map<Item: State> + Default>(
    from: &mut (dyn AnyDeserializer<'_> + '_),
) -> Result<Box<dyn Any>, AnyError> {
    struct EntriesVisitor<C>(Read, PhantomData<fn() -> C>);

    impl<'de, C: Map<Item: State> + Default> Visitor<'de> for EntriesVisitor<C> {
        type Value = C;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, mut pairs: A) -> Result<C, A::Error> {
            let mut map = C::default();
            while let Some(name) = pairs.next_key::<String>()? {
                let key =
                    keys::read_builtin::<C::Key>(&name).ok_or_else(|| not_a_key::<C, _>(&name))?;
                let item = typed(pairs.next_value_seed(ReadSeed(self.0))?)?;
                // The last of two equal keys counts, as serde has it.
                drop(map.__remove(&key));
                map.__add(key, item);
            }
            Ok(map)
        }
    }

    let map = from.deserialize_map(EntriesVisitor::<C>(reading::<C::Item>()?, PhantomData))?;
    Ok(Box::new(map))
}

/// Reads a set from a list, in which a member may occur twice.
pub(super) fn read_set<C: Set<Key: State> + Default>(
    from: &mut (dyn AnyDeserializer<'_> + '_),
) -> Result<Box<dyn Any>, AnyError> {
    struct MembersVisitor<C>(Read, PhantomData<fn() -> C>);

    impl<'de, C: Set<Key: State> + Default> Visitor<'de> for MembersVisitor<C> {
        type Value = C;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<C, A::Error> {
            let mut set = C::default();
            while let Some(member) = members.next_element_seed(ReadSeed(self.0))? {
                set.__add(typed(member)?, ());
            }
            Ok(set)
        }
    }

    let set = from.deserialize_seq(MembersVisitor::<C>(reading::<C::Key>()?, PhantomData))?;
    Ok(Box::new(set))
}

fn not_a_key<C: Map, E: de::Error>(name: &str) -> E {
    match keys::builtin(TypeId::of::<C::Key>()) {
        Some(_) => E::custom(format_args!("`{name}` is not a key")),
        None => E::custom(UNKNOWN_KEYS),
    }
}

pub(super) fn reading<V: State>() -> Result<Read, AnyError> {
    V::__ABILITIES.read.ok_or_else(|| de::Error::custom("the value cannot be read"))
}

pub(super) fn typed<T: 'static, E: de::Error>(value: Box<dyn Any>) -> Result<T, E> {
    let value = value.downcast::<T>().map_err(|_| E::custom("the value is of another type"))?;
    Ok(*value)
}
