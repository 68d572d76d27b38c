//! Where a place is in what serde writes of a state.
//!
//! A serializer that follows a route: it enters what lies on the way, converts what
//! it finds at the end, and stops there. So serde's own attributes decide what a
//! place looks like, and what lies elsewhere costs nothing.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};
use serde_json::Value;

use crate::error::PathError;
use crate::path::{By, Hop, Kind, Note, Noted, Tagging};

/// One step into a JSON value.
#[derive(Clone, Debug)]
pub(crate) enum Member {
    Name(String),
    Index(usize),
}

/// A place's value, and where it stands.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) location: Vec<Member>,
    pub(crate) value: Option<Value>,
}

/// Follows `hops` through what serde writes of `state`. A value that is left out at
/// the moment (`skip_serializing_if`) is `null`.
pub(crate) fn locate<T: Serialize>(
    state: &T,
    hops: &[Hop],
    path: &str,
) -> Result<Found, PathError> {
    let mut found = Found::default();
    let stop = descend(state, hops, &mut found);
    match stop {
        _ if found.value.is_some() => Ok(found),
        Err(Stop::Json(source)) => {
            Err(PathError::RoundTrip { at: String::new(), source: source.into() })
        }
        Err(Stop::Serde(text)) => {
            Err(PathError::RoundTrip { at: String::new(), source: text.into() })
        }
        _ => Err(PathError::Hidden { path: path.to_owned() }),
    }
}

/// Why serialisation stopped.
#[derive(Debug)]
enum Stop {
    Found,
    /// What serde writes has another form than the shape says.
    Hidden,
    /// The user's `Serialize` failed.
    Serde(String),
    Json(serde_json::Error),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found => f.write_str("found"),
            Self::Hidden => f.write_str("hidden"),
            Self::Serde(text) => f.write_str(text),
            Self::Json(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Serde(message.to_string())
    }
}

/// Looks in `value` for what `hops` lead to.
fn descend<V: ?Sized + Serialize>(value: &V, hops: &[Hop], found: &mut Found) -> Result<(), Stop> {
    if found.value.is_some() {
        return Err(Stop::Found);
    }
    let Way { hops, shared } = Way::of(hops);
    if !hops.is_empty() {
        return value.serialize(Locator { hops, shared, found });
    }
    if shared {
        // It has no value of its own: its owner's members stand among its own.
        return Err(Stop::Hidden);
    }
    found.value = Some(serde_json::to_value(value).map_err(Stop::Json)?);
    Err(Stop::Found)
}

/// What a hop is in what serde writes.
#[derive(Clone, Copy, PartialEq)]
enum Trace {
    /// A member of its own.
    Member,
    /// Nothing: what it leads to stands in its owner's place.
    None,
    /// Nothing, and others' members stand among those of what it leads to.
    Shared,
    /// A variant's name around the content.
    Variant,
}

impl Trace {
    fn of(hop: &Hop) -> Self {
        match hop {
            Hop::Variant { owner, .. } => match owner.tagging {
                Tagging::External => Self::Variant,
                Tagging::Internal => Self::Shared,
                Tagging::Untagged => Self::None,
                Tagging::Adjacent(_) => Self::Member,
            },
            Hop::Field { owner, .. } if owner.kind == Kind::Option => Self::None,
            Hop::Field { owner, index, .. } => match owner.note(Noted::Place(*index)) {
                Note { flat: true, .. } => Self::Shared,
                Note { wire: Some(""), .. } => Self::None,
                _ => Self::Member,
            },
            Hop::Inside(_) => Self::None,
            Hop::Entry { .. } => Self::Member,
        }
    }
}

/// The hops up to the one that has the members of what they lead to.
pub(crate) fn owner(mut hops: &[Hop]) -> &[Hop] {
    while let [rest @ .., last] = hops
        && matches!(Trace::of(last), Trace::None | Trace::Shared)
    {
        hops = rest;
    }
    hops
}

/// The hops that are left when those are gone that leave no trace.
struct Way<'a> {
    hops: &'a [Hop],
    /// Whether members that belong to others stand among those to come.
    shared: bool,
}

impl<'a> Way<'a> {
    fn of(mut hops: &'a [Hop]) -> Self {
        let mut shared = false;
        while let [hop, rest @ ..] = hops
            && let trace @ (Trace::None | Trace::Shared) = Trace::of(hop)
        {
            shared |= trace == Trace::Shared;
            hops = rest;
        }
        Self { hops, shared }
    }

    /// The same, inside of something that is no variant by its name: serde was told
    /// that this one is untagged.
    fn inside(hops: &'a [Hop]) -> Self {
        match Self::of(hops) {
            Self { hops: [hop, rest @ ..], shared } if Trace::of(hop) == Trace::Variant => {
                let way = Self::of(rest);
                Self { shared: shared || way.shared, ..way }
            }
            way => way,
        }
    }
}

/// The serializer. There is at least one hop.
struct Locator<'a> {
    hops: &'a [Hop],
    shared: bool,
    found: &'a mut Found,
}

/// What is being written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Struct,
    Map,
    List,
}

impl<'a> Locator<'a> {
    /// Goes on in something with members.
    fn members(self, form: Form) -> Members<'a> {
        let way = Way::inside(self.hops);
        let shared = self.shared || way.shared;
        let (wanted, rest) = match way.hops {
            [hop, rest @ ..] => (wanted(hop, form, shared), rest),
            [] => (Wanted::Nothing, way.hops),
        };
        // A struct with flattened fields does not say what it leaves out.
        let is_field = matches!(way.hops, [Hop::Field { .. }, ..]);
        let left_out = form == Form::Map && is_field;
        Members { wanted, rest, found: self.found, number: 0, key: None, left_out, candidate: None }
    }

    /// Goes on in the content of an enum's variant.
    fn variant(self, variant: &str) -> Result<Self, Stop> {
        match self.hops {
            [Hop::Variant { .. }, rest @ ..] => {
                self.found.location.push(Member::Name(variant.to_owned()));
                Ok(Self { hops: rest, shared: false, found: self.found })
            }
            _ => Err(Stop::Hidden),
        }
    }
}

/// What is looked for among members.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    Name(&'a str),
    /// A key that serde may write otherwise than its text.
    Alike(&'a str),
    Index(usize),
    Nothing,
}

fn wanted(hop: &Hop, form: Form, shared: bool) -> Wanted<'_> {
    match (hop, form) {
        (Hop::Variant { owner, .. }, Form::Struct | Form::Map) => match owner.tagging {
            Tagging::Adjacent(content) => Wanted::Name(content),
            _ => Wanted::Nothing,
        },
        (Hop::Field { owner, index, field }, form) => {
            let wire = owner.note(Noted::Place(*index)).wire.unwrap_or(field.name);
            if form == Form::List { self::index(wire) } else { Wanted::Name(wire) }
        }
        (Hop::Entry { entries, text, .. }, Form::List) => match entries.by {
            By::Index { .. } => index(text),
            By::Key { .. } => Wanted::Nothing,
        },
        (Hop::Entry { entries, text, .. }, Form::Map) => match entries.by {
            By::Index { .. } => Wanted::Nothing,
            By::Key { .. } if shared || entries.has_plain_keys() => Wanted::Name(text),
            By::Key { .. } => Wanted::Alike(text),
        },
        (Hop::Entry { .. }, Form::Struct)
        | (Hop::Variant { .. }, Form::List)
        | (Hop::Inside(_), _) => Wanted::Nothing,
    }
}

fn index(text: &str) -> Wanted<'_> {
    text.parse().map_or(Wanted::Nothing, Wanted::Index)
}

/// The members of an object or a list, one after another.
struct Members<'a> {
    wanted: Wanted<'a>,
    rest: &'a [Hop],
    found: &'a mut Found,
    /// How many there were.
    number: usize,
    /// The key whose value comes next, if that may be the one.
    key: Option<String>,
    /// Whether the one may be left out.
    left_out: bool,
    /// The one, if no other is alike; without a value once there was another.
    candidate: Option<Found>,
}

impl Members<'_> {
    fn key(&mut self, key: &(impl ?Sized + Serialize)) -> Result<(), Stop> {
        let is_wanted: fn(&str, &str) -> bool = match self.wanted {
            Wanted::Name(_) => |wanted, key| wanted == key,
            Wanted::Alike(_) => |wanted, key| letters(wanted) == letters(key),
            Wanted::Index(_) | Wanted::Nothing => return Ok(()),
        };
        let (Wanted::Name(wanted) | Wanted::Alike(wanted)) = self.wanted else { return Ok(()) };
        self.key = Some(key_text(key)?).filter(|key| is_wanted(wanted, key));
        Ok(())
    }

    fn value(&mut self, value: &(impl ?Sized + Serialize)) -> Result<(), Stop> {
        let Some(key) = self.key.take() else { return Ok(()) };
        match self.wanted {
            Wanted::Alike(_) => self.consider(key, value),
            _ => enter(self.found, Member::Name(key), value, self.rest),
        }
    }

    /// Remembers the value of a key that is alike, if it is the first such key.
    fn consider(&mut self, key: String, value: &(impl ?Sized + Serialize)) -> Result<(), Stop> {
        if self.candidate.is_some() {
            self.candidate = Some(Found::default());
            return Ok(());
        }
        let mut found = Found { location: self.found.location.clone(), value: None };
        match enter(&mut found, Member::Name(key), value, self.rest) {
            Ok(()) | Err(Stop::Found | Stop::Hidden) => self.candidate = Some(found),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn named(&mut self, name: &str, value: &(impl ?Sized + Serialize)) -> Result<(), Stop> {
        match self.wanted {
            Wanted::Name(wanted) if wanted == name => {
                enter(self.found, Member::Name(name.to_owned()), value, self.rest)
            }
            _ => Ok(()),
        }
    }

    fn element(&mut self, value: &(impl ?Sized + Serialize)) -> Result<(), Stop> {
        let number = self.number;
        self.number += 1;
        match self.wanted {
            Wanted::Index(index) if index == number => {
                enter(self.found, Member::Index(index), value, self.rest)
            }
            _ => Ok(()),
        }
    }

    fn leave_out(&mut self, name: &str) {
        self.left_out |= matches!(self.wanted, Wanted::Name(wanted) if wanted == name);
    }

    /// All were seen.
    fn end(self) -> Result<(), Stop> {
        let is_last = Way::of(self.rest).hops.is_empty();
        match (self.wanted, self.candidate) {
            (_, Some(candidate)) => *self.found = candidate,
            (Wanted::Name(name), None) if self.left_out && is_last => {
                self.found.location.push(Member::Name(name.to_owned()));
                self.found.value = Some(Value::Null);
            }
            _ => {}
        }
        Err(if self.found.value.is_some() { Stop::Found } else { Stop::Hidden })
    }
}

fn enter(
    found: &mut Found,
    member: Member,
    value: &(impl ?Sized + Serialize),
    rest: &[Hop],
) -> Result<(), Stop> {
    found.location.push(member);
    // Whatever comes behind belongs to another member.
    descend(value, rest, found).and(Err(Stop::Hidden))
}

/// A key as JSON writes it.
fn key_text(key: &(impl ?Sized + Serialize)) -> Result<String, Stop> {
    match serde_json::to_value(key).map_err(Stop::Json)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(is_true) => Ok(is_true.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Stop::Hidden),
    }
}

/// What serde's spelling of a key and its `Debug` have in common: `UserId(7)` is
/// written `7`, `DarkRed` perhaps `dark-red`.
fn letters(key: &str) -> String {
    let inner = key.split_once('(').and_then(|(_, inner)| inner.strip_suffix(')')).unwrap_or(key);
    inner.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

macro_rules! opaque {
    ($($method:ident($($type:ty)?);)*) => {$(
        fn $method(self $(, _: $type)?) -> Result<(), Stop> {
            Err(Stop::Hidden)
        }
    )*};
}

impl<'a> Serializer for Locator<'a> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Members<'a>;
    type SerializeTuple = Members<'a>;
    type SerializeTupleStruct = Members<'a>;
    type SerializeTupleVariant = Members<'a>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Members<'a>;

    opaque! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Stop> {
        Err(Stop::Hidden)
    }

    fn serialize_some<V: ?Sized + Serialize>(self, value: &V) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<V>(self, _: &'static str, value: &V) -> Result<(), Stop>
    where
        V: ?Sized + Serialize,
    {
        value.serialize(self)
    }

    fn serialize_newtype_variant<V>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &V,
    ) -> Result<(), Stop>
    where
        V: ?Sized + Serialize,
    {
        let Self { hops, found, .. } = self.variant(variant)?;
        descend(value, hops, found)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'a>, Stop> {
        Ok(self.members(Form::List))
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'a>, Stop> {
        Ok(self.members(Form::List))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Stop> {
        Ok(self.members(Form::List))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'a>, Stop> {
        Ok(self.variant(variant)?.members(Form::List))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, Stop> {
        Ok(self.members(Form::Map))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Stop> {
        Ok(self.members(Form::Struct))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'a>, Stop> {
        Ok(self.variant(variant)?.members(Form::Struct))
    }
}

macro_rules! lists {
    ($($trait:ident::$method:ident;)*) => {$(
        impl ser::$trait for Members<'_> {
            type Ok = ();
            type Error = Stop;

            fn $method<V: ?Sized + Serialize>(&mut self, value: &V) -> Result<(), Stop> {
                self.element(value)
            }

            fn end(self) -> Result<(), Stop> {
                self.end()
            }
        }
    )*};
}

lists! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

macro_rules! structs {
    ($($trait:ident)*) => {$(
        impl ser::$trait for Members<'_> {
            type Ok = ();
            type Error = Stop;

            fn serialize_field<V>(&mut self, name: &'static str, value: &V) -> Result<(), Stop>
            where
                V: ?Sized + Serialize,
            {
                self.named(name, value)
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), Stop> {
                self.leave_out(name);
                Ok(())
            }

            fn end(self) -> Result<(), Stop> {
                self.end()
            }
        }
    )*};
}

structs!(SerializeStruct SerializeStructVariant);

impl ser::SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<K: ?Sized + Serialize>(&mut self, key: &K) -> Result<(), Stop> {
        self.key(key)
    }

    fn serialize_value<V: ?Sized + Serialize>(&mut self, value: &V) -> Result<(), Stop> {
        self.value(value)
    }

    fn end(self) -> Result<(), Stop> {
        self.end()
    }
}
