//! [`Route`]: a way to a place as steps over values whose types are not known.
//!
//! A route comes from text and from an [`Address`], by a search, and from a typed walk.

use std::any::Any;
use std::fmt;

use smallvec::{SmallVec, smallvec};

use super::address::{Address, Part};
use super::erased::{AnyKey, By, Contents, Entries, Inside, ValueRef};
use crate::path::ability::{Abilities, AbilityPart, AbilityTree, KeyAbilities, builtin};
use crate::path::location::Node;
use crate::path::location::{EntryId, Location};
use crate::path::path_text::PathText;
use crate::path::shape::{Kind, Note, Noted, Shape, ShapeField, Tagging};

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
    /// To the `index`th variant, which is not a step in the value.
    Variant { owner: &'static Shape, index: usize, field: &'static ShapeField },
    /// Into a box.
    Inside(Inside),
    /// To an entry. The text of a key is the string that `serde_json` writes for it; `None`
    /// where the type of the key does not say.
    Entry { entries: Entries, key: AnyKey, text: Option<String> },
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

    /// The shape of what it leads to.
    pub(crate) fn shape(&self) -> &'static Shape {
        match self {
            Self::Field { field, .. } | Self::Variant { field, .. } => field.shape,
            Self::Inside(inside) => (inside.shape)(),
            Self::Entry { entries, .. } => (entries.shape)(),
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

    /// The part of an address that leads here, where serde writes one.
    pub(crate) fn part(&self) -> Option<Part> {
        let text = match self {
            Self::Entry { text, .. } => text.clone(),
            _ => None,
        };
        self.part_with(text).map(WirePart::into_part)
    }

    /// Whether serde writes a part for it.
    pub(crate) fn is_part(&self) -> bool {
        self.part_with(None).is_some()
    }

    /// The part without a copy of a static name; `text` is that of the key.
    fn part_with(&self, text: Option<String>) -> Option<WirePart> {
        match self {
            Self::Inside(_) => None,
            Self::Entry { entries, .. } => {
                let text = text.unwrap_or_default();
                Some(match entries.by {
                    By::Index { .. } => text.parse().map_or(WirePart::Key(text), WirePart::Index),
                    By::Key { .. } => WirePart::Key(text),
                })
            }
            Self::Variant { owner, index, field } => match owner.tagging {
                Tagging::External => Some(WirePart::Name(wire_of_variant(owner, *index, field))),
                Tagging::Internal | Tagging::Untagged => None,
                Tagging::Adjacent(content) => Some(WirePart::Name(content)),
            },
            Self::Field { owner, .. } if owner.kind == Kind::Option => None,
            Self::Field { owner, index, field } => {
                let note = owner.note(Noted::Place(*index));
                wire_of_field(&note, field)
                    .map(|wire| wire.parse().map_or(WirePart::Name(wire), WirePart::Index))
            }
        }
    }
}

/// One part of a place as serde writes the place.
pub(crate) enum WirePart {
    Name(&'static str),
    Key(String),
    Index(usize),
}

impl WirePart {
    pub(crate) fn into_part(self) -> Part {
        match self {
            Self::Name(name) => name.into(),
            Self::Key(key) => Part::Name(key),
            Self::Index(index) => Part::Index(index),
        }
    }
}

/// The name that serde writes for a field; `None` where the field has no member of its
/// own.
pub(crate) fn wire_of_field(note: &Note, field: &ShapeField) -> Option<&'static str> {
    match note.wire {
        _ if note.flat => None,
        Some("") => None,
        Some(wire) => Some(wire),
        None => Some(field.name),
    }
}

/// The name that serde writes for a variant.
pub(crate) fn wire_of_variant(owner: &Shape, index: usize, field: &ShapeField) -> &'static str {
    owner.note(Noted::Variant(index)).wire.unwrap_or(field.name)
}

impl Route {
    /// The value at the place.
    pub(crate) fn get<'a>(&self, root: &'a dyn Any) -> Option<&'a dyn Any> {
        follow(root, &self.hops)
    }

    /// The value at the place, to be written.
    pub(crate) fn get_mut<'a>(&self, root: &'a mut dyn Any) -> Option<&'a mut dyn Any> {
        follow_mut(root, &self.hops)
    }

    /// Where the place is, as a cell's index of watchers knows it.
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
                Hop::Entry { text: Some(key), .. } => text.name(key)?,
                Hop::Entry { .. } => text.name("?")?,
                Hop::Inside(_) => {}
            }
        }
        Ok(())
    }

    /// The place in the serde form of the root.
    pub(crate) fn address(&self) -> Address {
        self.hops.iter().filter_map(Hop::part).collect()
    }
}

/// The value that `hops` lead to.
pub(crate) fn follow<'a>(root: &'a dyn Any, hops: &[Hop]) -> Option<&'a dyn Any> {
    let mut value = ValueRef::Ref(root);
    for hop in hops {
        value = hop.step(value)?;
    }
    value.shared()
}

/// The value that `hops` lead to, to be written.
pub(crate) fn follow_mut<'a>(root: &'a mut dyn Any, hops: &[Hop]) -> Option<&'a mut dyn Any> {
    let mut value = ValueRef::Mut(root);
    for hop in hops {
        value = hop.step(value)?;
    }
    value.exclusive()
}

/// Whether the runtime knows the keys of the maps of which a value is composed. A derived
/// type knows how its own maps are written.
fn knows_keys(shape: &'static Shape) -> bool {
    match (shape.kind, shape.contents) {
        (Kind::Option, _) => knows_keys(shape.fields[0].shape),
        (_, Contents::Inside(inside)) => knows_keys((inside.shape)()),
        (_, Contents::Entries(entries)) => {
            let is_known = match entries.by {
                By::Index { .. } => true,
                By::Key { key, .. } => builtin(key).is_some(),
            };
            is_known && knows_keys((entries.shape)())
        }
        _ => true,
    }
}

/// The hops with the texts of all keys. Serialises keys, which is the user's code.
pub(crate) fn with_texts(root: &'static Shape, hops: &[Hop]) -> Vec<Hop> {
    let mut hops = hops.to_vec();
    let mut keys = KeyTables::of(root);
    for hop in &mut hops {
        let found = keys.pass(hop);
        if let Hop::Entry { text: text @ None, .. } = hop {
            *text = found;
        }
    }
    hops
}

/// The place that `hops` lead to, as serde writes it, part by part. Serialises keys, which is
/// the user's code.
pub(crate) fn wire_parts<'a>(
    root: &'static Shape,
    hops: &'a [Hop],
) -> impl Iterator<Item = WirePart> + 'a {
    let mut keys = KeyTables::of(root);
    hops.iter().filter_map(move |hop| {
        let text = keys.pass(hop);
        hop.part_with(text)
    })
}

/// The knowledge of keys that the types on the way along a route have.
struct KeyTables(SmallVec<[&'static [Option<KeyAbilities>]; 8]>);

impl KeyTables {
    fn of(root: &'static Shape) -> Self {
        Self(smallvec![root.keys])
    }

    /// Goes on along `hop`. Returns the text of its key, if the hop has one.
    fn pass(&mut self, hop: &Hop) -> Option<String> {
        let mut found = None;
        match hop {
            Hop::Field { field, .. } => self.0.push(field.shape.keys),
            Hop::Variant { .. } => {}
            Hop::Inside(inside) => self.0.push((inside.shape)().keys),
            Hop::Entry { entries, key, text } => {
                found = text.clone().or_else(|| entries.text_of(&**key, &self.0));
                self.0.push((entries.shape)().keys);
            }
        }
        found
    }
}

impl Entries {
    /// The step to each entry of a map, in its order, without the keys' texts.
    pub(crate) fn hops(self, map: &dyn Any) -> Vec<Hop> {
        let mut hops = Vec::new();
        if let By::Key { keys, own, .. } = self.by {
            keys(map, &mut |key| {
                let entry = own(key).map(|key| Hop::Entry { entries: self, key, text: None });
                hops.extend(entry);
            });
        }
        hops
    }

    /// The step to an element of a list.
    pub(crate) fn element(self, index: usize) -> Hop {
        Hop::Entry { entries: self, key: std::sync::Arc::new(index), text: None }
    }

    /// The text of a key: the string that serde writes, or the index.
    fn text_of(self, key: &dyn Any, keys: &[&'static [Option<KeyAbilities>]]) -> Option<String> {
        match self.by {
            By::Index { .. } => key.downcast_ref::<usize>().map(usize::to_string),
            By::Key { key: id, .. } => (known_key(id, keys)?.text?)(key),
        }
    }

    /// Whether the texts of keys are known.
    pub(crate) fn has_key_texts(&self, keys: &[&'static [Option<KeyAbilities>]]) -> bool {
        match self.by {
            By::Index { .. } => true,
            By::Key { key, .. } => known_key(key, keys).is_some_and(|key| key.text.is_some()),
        }
    }
}

/// Abilities on the way along a route.
#[derive(Clone, Copy)]
pub(crate) struct Abled {
    part: AbilityPart,
}

impl Abled {
    pub(crate) fn root(tree: &'static AbilityTree) -> Self {
        Self {
            part: AbilityPart { own: tree.own, tree: Some(tree), custom: false, left_out: None },
        }
    }

    pub(crate) fn abilities(&self) -> Abilities {
        self.part.abilities()
    }

    /// The abilities of the parts at a value of the given shape. Where the value's abilities
    /// are composed of those of its content, the keys of maps in it must be known to the
    /// runtime.
    pub(crate) fn at(&self, shape: &'static Shape) -> Abilities {
        let own = self.part.own;
        match self.abilities() {
            found if knows_keys(shape) => found,
            found => Abilities { write: own.write, read: own.read, ..found },
        }
    }

    /// Whether functions of the user's write and read the value, and not its type.
    pub(crate) fn is_custom(&self) -> bool {
        self.part.custom
    }

    /// Whether a part of the value is not a place.
    pub(crate) fn hides_parts(&self) -> bool {
        self.part.tree.is_none_or(|tree| tree.hides_parts)
    }

    /// Whether serde writes the value in a form that does not show its parts.
    pub(crate) fn is_opaque(&self) -> bool {
        self.part.custom || self.part.tree.is_none_or(|tree| tree.is_converted)
    }

    /// The predicate for the values that serde skips at the place of this number.
    pub(crate) fn left_out(&self, index: usize) -> Option<fn(&dyn Any) -> bool> {
        self.part.tree?.parts.get(index)?.left_out
    }

    pub(crate) fn along(self, hops: &[Hop]) -> Self {
        hops.iter().fold(self, Self::step)
    }

    pub(crate) fn step(self, hop: &Hop) -> Self {
        let unknown =
            AbilityPart { own: Abilities::NONE, tree: None, custom: false, left_out: None };
        let part = match (hop, self.part.tree) {
            (Hop::Variant { .. }, _) => return self,
            (_, None) => unknown,
            (Hop::Field { index, .. }, Some(tree)) => {
                tree.parts.get(*index).copied().unwrap_or(unknown)
            }
            (Hop::Inside(_) | Hop::Entry { .. }, Some(tree)) => {
                let tree = tree.inner.map(|inner| inner());
                AbilityPart { tree, ..unknown }
            }
        };
        Self { part }
    }
}

/// Collects the hops of a typed walk.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Hops {
    pub(crate) hops: Vec<Hop>,
    /// The shape of the value that the hops lead to.
    shape: Option<&'static Shape>,
    /// Whether the walk goes on to what no shape knows: a member of a set, or a part of a
    /// leaf. The hops then end at the value around it.
    is_closed: bool,
}

impl Hops {
    /// Without the texts of keys, whose `Serialize` must not run under a lock;
    /// [`with_texts`] adds them.
    pub(crate) fn without_texts() -> Self {
        Self { hops: Vec::new(), shape: None, is_closed: false }
    }

    /// After some hops.
    pub(crate) fn along(hops: Vec<Hop>) -> Self {
        Self { hops, ..Self::without_texts() }
    }

    /// Whether the hops end at a value around the place, since no shape knows the rest of
    /// the way.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The contents of the value that the hops lead to.
    pub(crate) fn contents(&self) -> Contents {
        self.shape.map_or(Contents::Nothing, |shape| shape.contents)
    }

    /// To the node `id` of a tree of the given shape.
    pub(crate) fn node(&mut self, shape: &'static Shape, id: u32) {
        if self.is_closed {
            return;
        }
        self.shape = Some(shape);
        if let Some((field, below)) = shape.hops_to(id, &mut self.hops) {
            self.node(field.shape, below);
        }
    }

    /// Into an `Option`.
    pub(in crate::path) fn inner(&mut self) {
        match self.shape {
            Some(shape) if shape.kind == Kind::Option => self.node(shape, 1),
            _ => self.is_closed = true,
        }
    }

    /// Into a box.
    pub(in crate::path) fn inside(&mut self) {
        match self.contents() {
            Contents::Inside(inside) => self.step(Hop::Inside(inside)),
            _ => self.is_closed = true,
        }
    }

    /// To an entry.
    pub(crate) fn entry(&mut self, key: impl FnOnce() -> AnyKey) {
        match self.contents() {
            Contents::Entries(entries) => {
                self.step(Hop::Entry { entries, key: key(), text: None });
            }
            _ => self.is_closed = true,
        }
    }

    fn step(&mut self, hop: Hop) {
        if !self.is_closed {
            self.shape = Some(hop.shape());
            self.hops.push(hop);
        }
    }
}

/// How a key of this type is written and read: the runtime knows, or one of `tables`.
pub(in crate::path) fn known_key(
    id: std::any::TypeId,
    tables: &[&'static [Option<KeyAbilities>]],
) -> Option<&'static KeyAbilities> {
    let declared = || tables.iter().rev().copied().flatten().flatten().find(|key| key.id == id);
    builtin(id).or_else(declared)
}
