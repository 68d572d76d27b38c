//! [`Route`]: a way to a place that was found at run time, from its text.
//!
//! The text is the one that paths print. It is followed through the shapes and the
//! value together: the shapes know the names, the value knows its keys.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use super::erased::{AnyKey, By, Contents, Entries, Inside, ValueRef};
use crate::error::{Absent, PathError};
use crate::path::location::{EntryId, Location};
use crate::path::shape::{Kind, Shape, ShapeField};
use crate::path::walk::{Node, PathText};

/// How many names an error lists, and among how many it looks for the nearest.
const LISTED: usize = 16;
const COMPARED: usize = 256;

/// The steps from a root to a place.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) hops: Vec<Hop>,
    /// The shape of the place.
    pub(crate) shape: &'static Shape,
}

/// One step.
#[derive(Clone)]
pub(crate) enum Hop {
    /// To a field or into an `Option`: the `index`th place of its owner.
    Field { owner: &'static Shape, index: usize, field: &'static ShapeField },
    /// To a variant, which is no step in the value.
    Variant { owner: &'static Shape, field: &'static ShapeField },
    /// Into a box.
    Inside(Inside),
    /// To an entry.
    Entry { entries: Entries, key: AnyKey, text: String },
}

impl Hop {
    pub(crate) fn step<'a>(&self, from: ValueRef<'a>) -> Option<ValueRef<'a>> {
        match self {
            Self::Field { owner, index, .. } => (owner.part)(from, *index),
            Self::Variant { .. } => Some(from),
            Self::Inside(inside) => (inside.step)(from),
            Self::Entry { entries, key, .. } => (entries.step)(from, &**key),
        }
    }

    fn locate(&self, location: &mut Location) {
        match self {
            Self::Field { field, .. } | Self::Variant { field, .. } => {
                location.enter(Node { id: field.offset, count: field.shape.nodes });
            }
            Self::Inside(inside) => {
                location.enter_entry(EntryId::Only, (inside.shape)().nodes);
            }
            Self::Entry { entries, key, .. } => {
                let id = (entries.id)(&**key).unwrap_or(EntryId::Only);
                location.enter_entry(id, (entries.shape)().nodes);
            }
        }
    }
}

impl Route {
    /// The value at the place.
    pub(crate) fn get<'a>(&self, root: &'a dyn Any) -> Option<&'a dyn Any> {
        let mut reach = ValueRef::Ref(root);
        for hop in &self.hops {
            reach = hop.step(reach)?;
        }
        match reach {
            ValueRef::Ref(value) => Some(value),
            ValueRef::Mut(_) => None,
        }
    }

    /// Where the place lies, as a cell's table knows it.
    pub(crate) fn location(&self) -> Location {
        let mut location = Location::root();
        for hop in &self.hops {
            hop.locate(&mut location);
        }
        location
    }

    pub(crate) fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        for hop in &self.hops {
            match hop {
                Hop::Field { field, .. } | Hop::Variant { field, .. } => {
                    if !field.name.is_empty() {
                        text.name(field.name)?;
                    }
                }
                Hop::Entry { text: key, .. } => text.name(key)?,
                Hop::Inside(_) => {}
            }
        }
        Ok(())
    }
}

/// What a text leads to.
pub(crate) struct Resolved {
    pub(crate) route: Route,
    /// Set where the route ends at a map that has not the last key.
    pub(crate) missing: Option<Missing>,
}

/// A key that a map does not have.
pub(crate) struct Missing {
    pub(crate) key: String,
    /// What to say to those who need the entry.
    pub(crate) error: PathError,
}

/// The place in `root` that `path` names. `root` is of the given shape.
pub(crate) fn resolve(
    shape: &'static Shape,
    root: &dyn Any,
    path: &str,
) -> Result<Resolved, PathError> {
    let mut search = Search { path, hops: Vec::new() };
    let rest = (!path.is_empty()).then_some(path);
    let end = search.follow(shape, Some(root), rest)?;
    Ok(Resolved { route: Route { hops: search.hops, shape: end.shape }, missing: end.missing })
}

struct Search<'p> {
    path: &'p str,
    hops: Vec<Hop>,
}

/// The fields of a struct, an `Option` or a variant.
#[derive(Clone, Copy)]
struct Owner {
    /// The struct, or the variant's enum.
    shape: &'static Shape,
    fields: &'static [ShapeField],
    /// How many places other variants have before them.
    before: usize,
}

impl Owner {
    fn of(shape: &'static Shape) -> Self {
        Self { shape, fields: shape.fields, before: 0 }
    }
}

/// Where a search ended.
struct End {
    shape: &'static Shape,
    missing: Option<Missing>,
}

impl<'p> Search<'p> {
    /// Follows `rest` from a value, which is `None` where it is absent: its names are
    /// checked nevertheless.
    fn follow(
        &mut self,
        shape: &'static Shape,
        value: Option<&dyn Any>,
        rest: Option<&'p str>,
    ) -> Result<End, PathError> {
        let Some(rest) = rest else { return self.arrive(shape, value) };
        match (shape.kind, shape.contents) {
            (Kind::Option, _) => self.enter(Owner::of(shape), 0, value, Some(rest)),
            (Kind::Struct, _) => self.field(Owner::of(shape), value, rest),
            (Kind::Enum, _) => self.variant(shape, value, rest),
            (_, Contents::Inside(inside)) => {
                let value = value.ok_or_else(|| self.absent())?;
                self.hops.push(Hop::Inside(inside));
                self.follow((inside.shape)(), seen((inside.step)(ValueRef::Ref(value))), Some(rest))
            }
            (_, Contents::Entries(entries)) => {
                let value = value.ok_or_else(|| self.absent())?;
                match entries.by {
                    By::Index { len } => self.element(entries, len(value), value, rest),
                    By::Key { .. } => self.entry(shape, entries, value, rest),
                }
            }
            (_, Contents::Nothing) => {
                let leaf = self.before(rest);
                Err(PathError::BelowLeaf { path: self.path.to_owned(), leaf })
            }
        }
    }

    fn arrive(&self, shape: &'static Shape, value: Option<&dyn Any>) -> Result<End, PathError> {
        value.ok_or_else(|| self.absent())?;
        Ok(End { shape, missing: None })
    }

    /// Enters a field of `owner`.
    fn enter(
        &mut self,
        owner: Owner,
        index: usize,
        value: Option<&dyn Any>,
        rest: Option<&'p str>,
    ) -> Result<End, PathError> {
        let Owner { shape: owner, fields, before } = owner;
        let field = &fields[index];
        let hop = Hop::Field { owner, index: before + index, field };
        let value = value.and_then(|value| seen(hop.step(ValueRef::Ref(value))));
        self.hops.push(hop);
        self.follow(field.shape, value, rest)
    }

    /// Follows the name of a variant, and that of one of its fields.
    fn variant(
        &mut self,
        shape: &'static Shape,
        value: Option<&dyn Any>,
        rest: &'p str,
    ) -> Result<End, PathError> {
        let Some((index, behind)) = named(shape.fields, rest) else {
            return Err(self.unknown(shape.fields, rest));
        };
        let field = &shape.fields[index];
        if field.skipped {
            return Err(PathError::Skipped { path: self.path.to_owned() });
        }
        self.hops.push(Hop::Variant { owner: shape, field });
        let Some(rest) = behind else {
            let (path, fields) = (self.path.to_owned(), listed(names(field.shape.fields)));
            return Err(PathError::Variant { path, fields });
        };
        let before = shape.fields[..index].iter().map(|variant| variant.shape.fields.len()).sum();
        self.field(Owner { shape, fields: field.shape.fields, before }, value, rest)
    }

    /// Follows the name of a field, or goes on in what is flattened.
    fn field(
        &mut self,
        owner: Owner,
        value: Option<&dyn Any>,
        rest: &'p str,
    ) -> Result<End, PathError> {
        if let Some((index, rest)) = named(owner.fields, rest) {
            if owner.fields[index].skipped {
                return Err(PathError::Skipped { path: self.path.to_owned() });
            }
            return self.enter(owner, index, value, rest);
        }
        let depth = self.hops.len();
        for index in 0..owner.fields.len() {
            if !owner.fields[index].name.is_empty() {
                continue;
            }
            match self.enter(owner, index, value, Some(rest)) {
                Err(PathError::Unknown { within, .. }) if within == self.before(rest) => {}
                Err(PathError::BelowLeaf { leaf, .. }) if leaf == self.before(rest) => {}
                other => return other,
            }
            self.hops.truncate(depth);
        }
        Err(self.unknown(owner.fields, rest))
    }

    fn element(
        &mut self,
        entries: Entries,
        len: usize,
        value: &dyn Any,
        rest: &'p str,
    ) -> Result<End, PathError> {
        let (text, rest_behind) = first(rest);
        let index = text.parse().ok().filter(|index: &usize| index.to_string() == text);
        let Some(index) = index.filter(|&index| index < len) else {
            return Err(PathError::NoIndex {
                path: self.path.to_owned(),
                index: text.to_owned(),
                within: self.before(rest),
                len,
            });
        };
        let hop = Hop::Entry { entries, key: Arc::new(index), text: text.to_owned() };
        let value = seen(hop.step(ValueRef::Ref(value)));
        self.hops.push(hop);
        self.follow((entries.shape)(), value, rest_behind)
    }

    /// Follows a key. Keys may have dots in them: the longest that leads somewhere
    /// wins.
    fn entry(
        &mut self,
        shape: &'static Shape,
        entries: Entries,
        value: &dyn Any,
        rest: &'p str,
    ) -> Result<End, PathError> {
        let depth = self.hops.len();
        let mut refused = None;
        for (hop, rest) in matching(entries, value, rest) {
            let value = seen(hop.step(ValueRef::Ref(value)));
            self.hops.push(hop);
            match self.follow((entries.shape)(), value, rest) {
                Ok(end) => return Ok(end),
                Err(error) => refused = refused.or(Some(error)),
            }
            self.hops.truncate(depth);
        }
        if let Some(error) = refused {
            return Err(error);
        }
        let key = missing_key(entries, rest);
        let error = self.no_entry(entries, value, key, rest);
        if key.len() < rest.len() {
            return Err(error);
        }
        Ok(End { shape, missing: Some(Missing { key: key.to_owned(), error }) })
    }

    fn absent(&self) -> PathError {
        Absent { path: self.path.to_owned() }.into()
    }

    fn unknown(&self, fields: &[ShapeField], rest: &str) -> PathError {
        let (name, names) = (first(rest).0, names(fields));
        PathError::Unknown {
            path: self.path.to_owned(),
            name: name.to_owned(),
            within: self.before(rest),
            nearest: nearest(name, &names),
            known: listed(names),
        }
    }

    fn no_entry(&self, entries: Entries, map: &dyn Any, key: &str, rest: &str) -> PathError {
        let mut keys = Vec::new();
        if let By::Key { keys: visit, text, .. } = entries.by {
            visit(map, &mut |key| {
                if keys.len() < COMPARED {
                    let mut known = String::new();
                    text(key, &mut known);
                    keys.push(known);
                }
            });
        }
        PathError::NoEntry {
            path: self.path.to_owned(),
            key: key.to_owned(),
            within: self.before(rest),
            nearest: nearest(key, &keys),
            known: listed(keys),
        }
    }

    /// The text before `rest`.
    fn before(&self, rest: &str) -> String {
        let text = &self.path[..self.path.len() - rest.len()];
        text.strip_suffix('.').unwrap_or(text).to_owned()
    }
}

fn seen(reach: Option<ValueRef<'_>>) -> Option<&dyn Any> {
    match reach? {
        ValueRef::Ref(value) => Some(value),
        ValueRef::Mut(value) => Some(value),
    }
}

/// The part that `text` starts with the name of, and what follows. Names may have dots
/// in them: the longest wins.
fn named<'t>(fields: &[ShapeField], text: &'t str) -> Option<(usize, Option<&'t str>)> {
    let named = fields.iter().enumerate().filter(|(_, field)| !field.name.is_empty());
    let found = named.filter_map(|(index, field)| Some((index, after(text, field.name)?)));
    found.max_by_key(|&(index, _)| fields[index].name.len())
}

/// What follows `name` at the start of `text`; `None` within if nothing does.
fn after<'t>(text: &'t str, name: &str) -> Option<Option<&'t str>> {
    let rest = text.strip_prefix(name)?;
    if rest.is_empty() { Some(None) } else { rest.strip_prefix('.').map(Some) }
}

/// The first name of `text`, and what follows.
fn first(text: &str) -> (&str, Option<&str>) {
    text.split_once('.').map_or((text, None), |(name, rest)| (name, Some(rest)))
}

/// The entries that `text` may start with, the longest key first, and what follows.
fn matching<'t>(entries: Entries, map: &dyn Any, text: &'t str) -> Vec<(Hop, Option<&'t str>)> {
    let mut found = Vec::new();
    if let By::Key { keys, text: write, own, .. } = entries.by {
        let mut key_text = String::new();
        keys(map, &mut |key| {
            key_text.clear();
            write(key, &mut key_text);
            if let (Some(rest), Some(key)) = (after(text, &key_text), own(key)) {
                found.push((Hop::Entry { entries, key, text: key_text.clone() }, rest));
            }
        });
    }
    found.sort_by_key(|(_, rest)| rest.map_or(0, |rest| rest.len() + 1));
    found
}

/// How much of `text` is the key of an entry that is not there: all of it where keys
/// may have dots, or where nothing could follow.
fn missing_key(entries: Entries, text: &str) -> &str {
    let item = (entries.shape)();
    let ends = item.kind == Kind::Leaf && matches!(item.contents, Contents::Nothing);
    if !ends && entries.has_plain_keys() { first(text).0 } else { text }
}

impl Entries {
    /// Whether the text of a key is what serde writes of it, and should have no dot.
    pub(crate) fn has_plain_keys(&self) -> bool {
        match self.by {
            By::Index { .. } => true,
            By::Key { key, .. } => PLAIN_KEYS.contains(&key),
        }
    }
}

const PLAIN_KEYS: [TypeId; 14] = [
    TypeId::of::<String>(),
    TypeId::of::<bool>(),
    TypeId::of::<u8>(),
    TypeId::of::<u16>(),
    TypeId::of::<u32>(),
    TypeId::of::<u64>(),
    TypeId::of::<u128>(),
    TypeId::of::<usize>(),
    TypeId::of::<i8>(),
    TypeId::of::<i16>(),
    TypeId::of::<i32>(),
    TypeId::of::<i64>(),
    TypeId::of::<i128>(),
    TypeId::of::<isize>(),
];

/// The names that text can go on with, those of flattened fields among them.
fn names(fields: &[ShapeField]) -> Vec<String> {
    let open = fields.iter().filter(|field| !field.skipped);
    let names = open.flat_map(|field| match field.name {
        "" => names(field.shape.fields),
        name => vec![name.to_owned()],
    });
    names.collect()
}

fn listed(mut names: Vec<String>) -> Vec<String> {
    names.truncate(LISTED);
    names
}

/// The one that a slip of the finger turns into `name`: most of it stands already.
fn nearest(name: &str, known: &[String]) -> Option<String> {
    if name.len() > 64 {
        return None;
    }
    let distance = |known: &&String| strsim::damerau_levenshtein(name, known);
    let nearest = known.iter().filter(|known| known.len() <= 64).min_by_key(distance)?;
    let distance = distance(&nearest);
    (distance <= 1 + name.len() / 4 && distance < name.len()).then(|| nearest.clone())
}
