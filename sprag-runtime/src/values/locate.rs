//! Finds a place in the JSON of a state.
//!
//! A serializer follows a route: it enters each value on the way, converts the one at the
//! end, and stops there. serde's own attributes therefore decide the form of a place, and
//! values elsewhere cost nothing.

mod serializer;
mod way;

use std::fmt;
use std::io;

use serde::ser::{self, Serialize};
use serde_json::Value;

use self::way::Way;
use crate::path::{By, Hop, Noted, Tagging, key_texts_of};

/// One step into a JSON value.
#[derive(Clone, Debug)]
pub(crate) enum Member {
    Name(String),
    Index(usize),
}

/// A place's value, and where it is.
#[derive(Debug)]
struct Located {
    location: Vec<Member>,
    value: Option<Value>,
    goal: Goal,
}

/// The goal at the end of a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// The value, converted.
    Value,
    /// The value's JSON, as one text.
    Text,
    /// Like `Text`; an error of the writer if the text has more bytes.
    TextWithin(usize),
    /// Only that the place exists. The value is not read.
    Place,
    /// The keys of the map there, as an array.
    Keys,
    /// Like `Place`, where the members of the place may be among the members of its owner.
    Way,
}

/// Follows `hops` through the JSON of `value`, and appends the location of the place to
/// `location`. An omitted value (`skip_serializing_if`) is `null`.
pub(crate) fn locate<T: ?Sized + Serialize>(
    value: &T,
    hops: &[Hop],
    goal: Goal,
    location: &mut Vec<Member>,
) -> Result<Value, LocateStop> {
    let location_before = std::mem::take(location);
    let mut found = Located { location: location_before, value: None, goal };
    let stop = descend(value, hops, &mut found);
    *location = found.location;
    match (found.value, stop) {
        (Some(value), _) => Ok(value),
        (None, Err(stop @ (LocateStop::Json(_) | LocateStop::Serde(_)))) => Err(stop),
        (None, _) => Err(LocateStop::Hidden),
    }
}

/// Why serialisation stopped.
#[derive(Debug)]
pub(crate) enum LocateStop {
    Found,
    /// The serde form is not the form that the shape describes.
    Hidden,
    /// The user's `Serialize` failed.
    Serde(String),
    Json(serde_json::Error),
}

impl fmt::Display for LocateStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found => f.write_str("found"),
            Self::Hidden => f.write_str("hidden"),
            Self::Serde(text) => f.write_str(text),
            Self::Json(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LocateStop {}

impl ser::Error for LocateStop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Serde(message.to_string())
    }
}

/// Searches `value` for the value at `hops`.
fn descend<V: ?Sized + Serialize>(
    value: &V,
    hops: &[Hop],
    found: &mut Located,
) -> Result<(), LocateStop> {
    if found.value.is_some() {
        return Err(LocateStop::Found);
    }
    let Way { hops, shared } = Way::of(hops);
    if !hops.is_empty() {
        return value.serialize(Locator { hops, found });
    }
    if shared && !matches!(found.goal, Goal::Way | Goal::Keys) {
        // The value is not apart: its owner's members are among its own.
        return Err(LocateStop::Hidden);
    }
    found.value = Some(match found.goal {
        Goal::Value => serde_json::to_value(value).map_err(LocateStop::Json)?,
        Goal::Text => serde_json::to_string(value).map_err(LocateStop::Json)?.into(),
        Goal::TextWithin(limit) => text_within(value, limit)?,
        Goal::Keys => key_texts_of(value).ok_or(LocateStop::Hidden)?.into(),
        Goal::Place | Goal::Way => Value::Null,
    });
    Err(LocateStop::Found)
}

/// The JSON of `value`. An error of the writer ends serialisation after `limit` bytes.
fn text_within<T: ?Sized + Serialize>(value: &T, limit: usize) -> Result<Value, LocateStop> {
    let mut text = BoundedText { bytes: Vec::new(), limit };
    serde_json::to_writer(&mut text, value).map_err(LocateStop::Json)?;
    String::from_utf8(text.bytes).map(Value::String).map_err(|_| LocateStop::Hidden)
}

/// A text that takes no more than `limit` bytes.
struct BoundedText {
    bytes: Vec<u8>,
    limit: usize,
}

impl io::Write for BoundedText {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The serializer. There is at least one hop.
struct Locator<'a> {
    hops: &'a [Hop],
    found: &'a mut Located,
}

/// The kind of value that is being written.
#[derive(Clone, Copy, PartialEq)]
enum MemberForm {
    Struct,
    Map,
    List,
}

impl<'a> Locator<'a> {
    /// Goes on in something with members.
    fn members(self, form: MemberForm) -> LocatedMembers<'a> {
        let hops = Way::inside(self.hops);
        let (wanted, rest) = match hops {
            [hop, rest @ ..] => (wanted(hop, form), rest),
            [] => (WantedMember::Nothing, hops),
        };
        // A struct with flattened fields does not report omitted fields.
        let is_field = matches!(hops, [Hop::Field { .. }, ..]);
        let left_out = form == MemberForm::Map && is_field;
        LocatedMembers { wanted, rest, found: self.found, number: 0, key: None, left_out }
    }

    /// Goes on in the content of an enum's variant.
    fn variant(self, variant: &str) -> Result<Self, LocateStop> {
        match self.hops {
            [Hop::Variant { .. }, rest @ ..] => {
                self.found.location.push(Member::Name(variant.to_owned()));
                Ok(Self { hops: rest, found: self.found })
            }
            _ => Err(LocateStop::Hidden),
        }
    }
}

/// The member to find.
#[derive(Clone, Copy)]
enum WantedMember<'a> {
    Name(&'a str),
    Index(usize),
    Nothing,
}

fn wanted(hop: &Hop, form: MemberForm) -> WantedMember<'_> {
    match (hop, form) {
        (Hop::Variant { owner, index, .. }, MemberForm::Struct | MemberForm::Map) => {
            match owner.tagging_of(*index) {
                Tagging::Adjacent(content) => WantedMember::Name(content),
                _ => WantedMember::Nothing,
            }
        }
        (Hop::Field { owner, index, field }, form) => {
            let wire = owner.note(Noted::Place(*index)).wire.unwrap_or(field.name);
            if form == MemberForm::List { self::index(wire) } else { WantedMember::Name(wire) }
        }
        (Hop::Entry { entries, text: Some(text), .. }, MemberForm::List) => match entries.by {
            By::Index { .. } => index(text),
            By::Key { .. } => WantedMember::Nothing,
        },
        (Hop::Entry { entries, text: Some(text), .. }, MemberForm::Map) => match entries.by {
            By::Index { .. } => WantedMember::Nothing,
            By::Key { .. } => WantedMember::Name(text),
        },
        (Hop::Entry { .. }, _) | (Hop::Variant { .. }, MemberForm::List) | (Hop::Inside(_), _) => {
            WantedMember::Nothing
        }
    }
}

fn index(text: &str) -> WantedMember<'_> {
    text.parse().map_or(WantedMember::Nothing, WantedMember::Index)
}

/// The members of an object or a list, one after another.
struct LocatedMembers<'a> {
    wanted: WantedMember<'a>,
    rest: &'a [Hop],
    found: &'a mut Located,
    /// How many there were.
    number: usize,
    /// The key whose value comes next, if that may be the one.
    key: Option<String>,
    /// Whether the one may be left out.
    left_out: bool,
}

impl LocatedMembers<'_> {
    fn key(&mut self, key: &(impl ?Sized + Serialize)) -> Result<(), LocateStop> {
        if let WantedMember::Name(wanted) = self.wanted {
            self.key = Some(key_text(key)?).filter(|key| wanted == key);
        }
        Ok(())
    }

    fn value(&mut self, value: &(impl ?Sized + Serialize)) -> Result<(), LocateStop> {
        match self.key.take() {
            Some(key) => enter(self.found, Member::Name(key), value, self.rest),
            None => Ok(()),
        }
    }

    fn named(&mut self, name: &str, value: &(impl ?Sized + Serialize)) -> Result<(), LocateStop> {
        match self.wanted {
            WantedMember::Name(wanted) if wanted == name => {
                enter(self.found, Member::Name(name.to_owned()), value, self.rest)
            }
            _ => Ok(()),
        }
    }

    fn element(&mut self, value: &(impl ?Sized + Serialize)) -> Result<(), LocateStop> {
        let number = self.number;
        self.number += 1;
        match self.wanted {
            WantedMember::Index(index) if index == number => {
                enter(self.found, Member::Index(index), value, self.rest)
            }
            _ => Ok(()),
        }
    }

    fn leave_out(&mut self, name: &str) {
        self.left_out |= matches!(self.wanted, WantedMember::Name(wanted) if wanted == name);
    }

    /// All were seen.
    fn end(self) -> Result<(), LocateStop> {
        let is_last = Way::of(self.rest).hops.is_empty();
        if let WantedMember::Name(name) = self.wanted
            && self.left_out
            && is_last
            && self.found.value.is_none()
        {
            self.found.location.push(Member::Name(name.to_owned()));
            self.found.value = Some(Value::Null);
        }
        Err(if self.found.value.is_some() { LocateStop::Found } else { LocateStop::Hidden })
    }
}

fn enter(
    found: &mut Located,
    member: Member,
    value: &(impl ?Sized + Serialize),
    rest: &[Hop],
) -> Result<(), LocateStop> {
    found.location.push(member);
    // The members behind it belong to another place.
    descend(value, rest, found).and(Err(LocateStop::Hidden))
}

/// A key as JSON writes it.
fn key_text(key: &(impl ?Sized + Serialize)) -> Result<String, LocateStop> {
    match serde_json::to_value(key).map_err(LocateStop::Json)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(is_true) => Ok(is_true.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(LocateStop::Hidden),
    }
}
