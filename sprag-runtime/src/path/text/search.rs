//! Finds the place that text or an address names.
//!
//! The parts are followed through shapes and values together: the shapes know the names,
//! the values know their keys.

mod keys;

use std::any::Any;
use std::sync::Arc;

use super::abled::Abled;
use super::address::{Address, Part, write_parts};
use super::erased::{AnyKey, By, Contents, Entries, ValueRef};
use super::hop::{Hop, wire_of_field, wire_of_variant};
use super::route::Route;
use super::suggest::{listed, names, nearest};
use crate::error::{Absent, PathError, cut};
use crate::path::ability::{AbilityTree, KeyAbilities};
use crate::path::shape::{Kind, Noted, Shape, ShapeField, Tagging};

/// How a place is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Spelling {
    /// As paths print it.
    Text,
    /// The names of the serde form of the root.
    Wire,
}

/// The result of resolving an address.
pub(crate) struct Resolved {
    pub(crate) route: Route,
    /// Set where the route ends at a map that does not have the last key.
    pub(crate) missing: Option<Missing>,
}

/// A key that a map does not have.
pub(crate) struct Missing {
    pub(crate) text: String,
    pub(crate) entries: &'static Entries,
    /// The key, where its type can be read and the text is one.
    pub(crate) key: Option<AnyKey>,
    /// Whether the type of the keys can be read.
    pub(crate) is_readable: bool,
    /// The map, as text.
    pub(crate) within: String,
    /// The error for callers that need the entry.
    pub(crate) error: PathError,
}

/// Whether the error of a missing entry names the keys that there are, which costs far more
/// than the search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum KeyHints {
    Given,
    /// Left out where the text ends at a key, since the caller may add the entry.
    Left,
}

/// A root that is searched.
#[derive(Clone, Copy)]
pub(crate) struct Searched<'a> {
    pub(crate) shape: &'static Shape,
    pub(crate) tree: &'static AbilityTree,
    pub(crate) value: &'a dyn Any,
    /// The texts of the keys of the map that a way leads to, in the map's order, where
    /// nothing else knows them.
    pub(crate) key_texts: &'a dyn Fn(&[Hop]) -> Option<Vec<String>>,
    pub(crate) hints: KeyHints,
}

/// The place in `root` that `address` names.
pub(crate) fn resolve(
    root: Searched<'_>,
    address: &Address,
    spelling: Spelling,
) -> Result<Resolved, PathError> {
    let parts = address.parts();
    let mut search = Search { root, parts, spelling, hops: Vec::new(), keys: Vec::new() };
    let end = search.follow(root.shape, Abled::root(root.tree), Some(root.value), parts)?;
    Ok(Resolved { route: Route { hops: search.hops, shape: end.shape }, missing: end.missing })
}

struct Search<'p> {
    root: Searched<'p>,
    parts: &'p [Part],
    spelling: Spelling,
    hops: Vec<Hop>,
    /// The keys that the types on the way know.
    keys: Vec<&'static [Option<KeyAbilities>]>,
}

/// The fields of a struct, an `Option` or a variant.
#[derive(Clone, Copy)]
struct Owner {
    /// The struct, or the variant's enum.
    shape: &'static Shape,
    abled: Abled,
    fields: &'static [ShapeField],
    /// How many places other variants have before them.
    before: usize,
}

impl Owner {
    fn of(shape: &'static Shape, abled: Abled) -> Self {
        Self { shape, abled, fields: shape.fields, before: 0 }
    }

    fn of_variant(shape: &'static Shape, abled: Abled, variant: usize) -> Self {
        let places = shape.fields[..variant].iter().map(|variant| variant.shape.fields.len());
        Self { shape, abled, fields: shape.fields[variant].shape.fields, before: places.sum() }
    }

    /// The name that serde writes for a field.
    fn wire(&self, index: usize) -> Option<&'static str> {
        let note = self.shape.note(Noted::Place(self.before + index));
        wire_of_field(&note, &self.fields[index])
    }
}

/// Where a search ended.
struct SearchEnd {
    shape: &'static Shape,
    missing: Option<Missing>,
}

impl<'p> Search<'p> {
    /// Follows `rest` from a value, which is `None` where it is absent: its names are
    /// checked nevertheless.
    fn follow(
        &mut self,
        shape: &'static Shape,
        abled: Abled,
        value: Option<&dyn Any>,
        rest: &'p [Part],
    ) -> Result<SearchEnd, PathError> {
        let [part, behind @ ..] = rest else { return self.arrive(shape, value) };
        self.keys.push(shape.keys);
        match (shape.kind, shape.contents) {
            (Kind::Option, _) => self.enter(Owner::of(shape, abled), 0, value, rest),
            (Kind::Struct, _) => self.field(Owner::of(shape, abled), value, rest),
            (Kind::Enum, _) => self.variant(shape, abled, value, part, rest),
            (_, Contents::Inside(inside)) => {
                let value = value.ok_or_else(|| self.absent())?;
                let hop = Hop::Inside(inside);
                let value = hop.step(ValueRef::Ref(value)).and_then(ValueRef::shared);
                let abled = abled.step(&hop);
                self.hops.push(hop);
                self.follow((inside.shape)(), abled, value, rest)
            }
            (_, Contents::Entries(entries)) => {
                let value = value.ok_or_else(|| self.absent())?;
                match entries.by {
                    By::Index { len, .. } => {
                        self.element(entries, abled, len(value), value, part, behind)
                    }
                    By::Key { .. } => self.entry(shape, abled, entries, value, rest),
                }
            }
            (_, Contents::Nothing) => {
                let leaf = self.before(rest);
                Err(PathError::BelowLeaf { path: self.path(), leaf })
            }
        }
    }

    fn arrive(
        &self,
        shape: &'static Shape,
        value: Option<&dyn Any>,
    ) -> Result<SearchEnd, PathError> {
        value.ok_or_else(|| self.absent())?;
        Ok(SearchEnd { shape, missing: None })
    }

    /// Enters a field of `owner`.
    fn enter(
        &mut self,
        owner: Owner,
        index: usize,
        value: Option<&dyn Any>,
        rest: &'p [Part],
    ) -> Result<SearchEnd, PathError> {
        let field = &owner.fields[index];
        let hop = Hop::Field { owner: owner.shape, index: owner.before + index, field };
        let value = value.and_then(|value| hop.step(ValueRef::Ref(value))?.shared());
        let abled = owner.abled.step(&hop);
        self.hops.push(hop);
        self.follow(field.shape, abled, value, rest)
    }

    /// Follows the name of a variant, and that of one of its fields.
    fn variant(
        &mut self,
        shape: &'static Shape,
        abled: Abled,
        value: Option<&dyn Any>,
        part: &Part,
        rest: &'p [Part],
    ) -> Result<SearchEnd, PathError> {
        if let Some(end) = self.in_active(shape, abled, value, part, rest) {
            return end;
        }
        let Some(index) = self.named_variant(shape, &part.text()) else {
            return Err(self.unknown(shape.fields, rest));
        };
        let field = &shape.fields[index];
        if field.skipped {
            return Err(PathError::Skipped { path: self.path() });
        }
        self.hops.push(Hop::Variant { owner: shape, index, field });
        let [_, rest @ ..] = rest else { return self.arrive(shape, value) };
        let owner = Owner::of_variant(shape, abled, index);
        if rest.is_empty() {
            if let Some(whole) = self.whole(owner) {
                return self.enter(owner, whole, value, rest);
            }
            let fields = listed(&names(owner.fields));
            return Err(PathError::Variant { path: self.path(), fields });
        }
        self.field(owner, value, rest)
    }

    /// The position of the only field that serde writes, instead of the owner.
    fn whole(&self, owner: Owner) -> Option<usize> {
        let is_whole = |&index: &usize| {
            let note = owner.shape.note(Noted::Place(owner.before + index));
            note.wire == Some("") && !owner.fields[index].skipped
        };
        (0..owner.fields.len()).find(is_whole).filter(|_| self.spelling == Spelling::Wire)
    }

    /// Follows a part that names a field of the active variant, or its content, where serde
    /// writes no variant's name. In text the name of a variant comes first.
    fn in_active(
        &mut self,
        shape: &'static Shape,
        abled: Abled,
        value: Option<&dyn Any>,
        part: &Part,
        rest: &'p [Part],
    ) -> Option<Result<SearchEnd, PathError>> {
        let index = active(shape, value?)?;
        let is_named = self.named_variant(shape, &part.text()).is_some();
        if is_named && self.spelling == Spelling::Text {
            return None;
        }
        let behind = match shape.tagging_of(index) {
            Tagging::External => return None,
            Tagging::Internal | Tagging::Untagged => rest,
            Tagging::Adjacent(content) if part.text() == content => &rest[1..],
            Tagging::Adjacent(_) => return None,
        };
        let owner = Owner::of_variant(shape, abled, index);
        let (hops, keys) = (self.hops.len(), self.keys.len());
        self.hops.push(Hop::Variant { owner: shape, index, field: &shape.fields[index] });
        let end = match (behind, self.whole(owner)) {
            ([], Some(whole)) => self.enter(owner, whole, value, behind),
            ([], None) => Err(self.unknown(shape.fields, rest)),
            _ => self.field(owner, value, behind),
        };
        if is_named && behind.len() == rest.len() && self.is_elsewhere(&end, rest) {
            self.hops.truncate(hops);
            self.keys.truncate(keys);
            return None;
        }
        Some(end)
    }

    /// Whether nothing was found under the first part of `rest`.
    fn is_elsewhere(&self, end: &Result<SearchEnd, PathError>, rest: &[Part]) -> bool {
        match end {
            Err(PathError::Unknown { within, .. }) => *within == self.before(rest),
            Err(PathError::BelowLeaf { leaf, .. }) => *leaf == self.before(rest),
            _ => false,
        }
    }

    fn named_variant(&self, shape: &Shape, name: &str) -> Option<usize> {
        let by_text = || shape.fields.iter().position(|field| field.name == name);
        let wire = |index: &usize| wire_of_variant(shape, *index, &shape.fields[*index]) == name;
        let by_wire = || (0..shape.fields.len()).find(wire);
        match self.spelling {
            Spelling::Text => by_text().or_else(by_wire),
            Spelling::Wire => by_wire().or_else(by_text),
        }
    }

    fn named_field(&self, owner: Owner, name: &str) -> Option<usize> {
        let indices = || 0..owner.fields.len();
        let by_text =
            || indices().find(|&index| !name.is_empty() && owner.fields[index].name == name);
        // An element that serde skips has the number of the one behind it.
        let is_wire = |&index: &usize| owner.wire(index) == Some(name);
        let by_wire = || {
            let written = indices().find(|index| is_wire(index) && !owner.fields[*index].skipped);
            written.or_else(|| indices().find(is_wire))
        };
        match self.spelling {
            Spelling::Text => by_text().or_else(by_wire),
            Spelling::Wire => {
                by_wire().or_else(|| by_text().filter(|&index| owner.wire(index).is_some()))
            }
        }
    }

    /// Follows the name of a field, or continues in a field without a name.
    fn field(
        &mut self,
        owner: Owner,
        value: Option<&dyn Any>,
        rest: &'p [Part],
    ) -> Result<SearchEnd, PathError> {
        let [part, behind @ ..] = rest else { return Err(self.absent()) };
        if let Some(index) = self.named_field(owner, &part.text()) {
            if owner.fields[index].skipped {
                return Err(PathError::Skipped { path: self.path() });
            }
            return self.enter(owner, index, value, behind);
        }
        let (hops, keys) = (self.hops.len(), self.keys.len());
        for index in 0..owner.fields.len() {
            let is_open = !owner.fields[index].skipped && owner.wire(index).is_none();
            if !is_open {
                continue;
            }
            let end = self.enter(owner, index, value, rest);
            if !self.is_elsewhere(&end, rest) {
                return end;
            }
            self.hops.truncate(hops);
            self.keys.truncate(keys);
        }
        Err(self.unknown(owner.fields, rest))
    }

    fn element(
        &mut self,
        entries: &'static Entries,
        abled: Abled,
        len: usize,
        value: &dyn Any,
        part: &Part,
        rest: &'p [Part],
    ) -> Result<SearchEnd, PathError> {
        let Some(index) = index_of(part).filter(|&index| index < len) else {
            let all = &self.parts[..self.parts.len() - rest.len() - 1];
            return Err(PathError::NoIndex {
                path: self.path(),
                index: cut(&part.text()),
                within: text(all),
                len,
            });
        };
        let hop = Hop::Entry { entries, key: Arc::new(index), text: Some(index.to_string()) };
        self.step_into(hop, entries, abled, value, rest)
    }

    /// Follows a key.
    fn entry(
        &mut self,
        shape: &'static Shape,
        abled: Abled,
        entries: &'static Entries,
        map: &dyn Any,
        rest: &'p [Part],
    ) -> Result<SearchEnd, PathError> {
        let [part, behind @ ..] = rest else { return Err(self.absent()) };
        let text = part.text().into_owned();
        let known = match entries.members {
            Some(_) => entries.member(part),
            None => self.key(entries, abled, map, &text)?,
        };
        if let Some(key) = &known
            && (entries.step)(ValueRef::Ref(map), &**key).is_some()
        {
            let text = Some(self.key_text(entries, &**key).unwrap_or(text));
            let hop = Hop::Entry { entries, key: Arc::clone(key), text };
            return self.step_into(hop, entries, abled, map, behind);
        }
        let keys = match self.root.hints {
            KeyHints::Left if known.is_some() && behind.is_empty() => Vec::new(),
            _ => self.some_keys(entries, abled, map),
        };
        let error = self.no_entry(&keys, &text, rest);
        if !behind.is_empty() {
            return Err(error);
        }
        let is_readable = entries.members.is_some() || self.reader(entries).is_some();
        let within = self.before(rest);
        let missing = Missing { text, entries, key: known, is_readable, within, error };
        Ok(SearchEnd { shape, missing: Some(missing) })
    }

    fn step_into(
        &mut self,
        hop: Hop,
        entries: &'static Entries,
        abled: Abled,
        value: &dyn Any,
        rest: &'p [Part],
    ) -> Result<SearchEnd, PathError> {
        let value = hop.step(ValueRef::Ref(value)).and_then(ValueRef::shared);
        let abled = abled.step(&hop);
        self.hops.push(hop);
        self.follow((entries.shape)(), abled, value, rest)
    }

    fn path(&self) -> String {
        text(self.parts)
    }

    fn absent(&self) -> PathError {
        Absent { path: self.path() }.into()
    }

    fn unknown(&self, fields: &[ShapeField], rest: &[Part]) -> PathError {
        let name = rest.first().map(|part| part.text().into_owned()).unwrap_or_default();
        let names = names(fields);
        PathError::Unknown {
            path: self.path(),
            nearest: nearest(&name, &names),
            name: cut(&name),
            within: self.before(rest),
            known: listed(&names),
        }
    }

    /// The text of the parts before `rest`.
    fn before(&self, rest: &[Part]) -> String {
        text(&self.parts[..self.parts.len() - rest.len()])
    }
}

/// An index is written as `Display` writes it.
fn index_of(part: &Part) -> Option<usize> {
    match part {
        Part::Index(index) => Some(*index),
        Part::Name(name) => name.parse().ok().filter(|index: &usize| index.to_string() == *name),
        Part::Member(_) => None,
    }
}

/// The active variant of an enum, where that has places.
fn active(shape: &Shape, value: &dyn Any) -> Option<usize> {
    let mut before = 0;
    shape.fields.iter().position(|variant| {
        let places = variant.shape.fields.len();
        let first = before;
        before += places;
        places > 0 && (shape.part)(ValueRef::Ref(value), first).is_some()
    })
}

/// The text form of `parts`, as short as an error needs it.
fn text(parts: &[Part]) -> String {
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _ = write_parts(&mut text, parts);
    cut(&text)
}
