//! The texts of the keys on a route, which the types on the way know how to write.

use std::any::{Any, TypeId};
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::erased::{By, Entries, VisitKey};
use super::hop::{Hop, WirePart};
use crate::path::ability::{KeyAbilities, KeyText, known_key, text_of_key};
use crate::path::shape::Shape;

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
        let text = if hop.members().is_some() { None } else { keys.pass(hop) };
        hop.part_with(text)
    })
}

/// The knowledge of keys that the types on the way along a route have.
pub(super) struct KeyTables(SmallVec<[&'static [Option<KeyAbilities>]; 8]>);

impl KeyTables {
    pub(super) fn of(root: &'static Shape) -> Self {
        Self(smallvec![root.keys])
    }

    /// Goes on along `hop`. Returns the text of its key, if the hop has one.
    fn pass(&mut self, hop: &Hop) -> Option<String> {
        let found = match hop {
            Hop::Entry { entries, key, text } => {
                text.clone().or_else(|| entries.text_of(&**key, &self.0))
            }
            _ => None,
        };
        self.enter(hop);
        found
    }

    /// Goes on along `hop`.
    pub(super) fn enter(&mut self, hop: &Hop) {
        self.0.push(hop.shape().keys);
    }

    /// The function that writes the keys of a map at the end of the way; `None` if their
    /// type is unknown.
    pub(super) fn key_text(&self, id: TypeId) -> Option<KeyText> {
        known_key(id, &self.0)?.text
    }
}

impl Entries {
    /// The step to each entry of a map or a set, in its order, without the keys' texts.
    pub(crate) fn hops(&'static self, map: &dyn Any) -> Vec<Hop> {
        let mut hops = Vec::new();
        self.each_key(map, &mut |key| hops.extend(self.hop(key)));
        hops
    }

    /// Passes each key of a map or a set to `visit`, in its order.
    pub(crate) fn each_key(&self, map: &dyn Any, visit: VisitKey<'_>) {
        if let By::Key { keys, .. } = self.by {
            keys(map, visit);
        }
    }

    /// The step to the entry of a key, without the key's text.
    pub(crate) fn hop(&'static self, key: &dyn Any) -> Option<Hop> {
        let By::Key { own, .. } = self.by else { return None };
        Some(Hop::Entry { entries: self, key: own(key)?, text: None })
    }

    /// The step to an element of a list.
    pub(crate) fn element(&'static self, index: usize) -> Hop {
        Hop::Entry { entries: self, key: Arc::new(index), text: None }
    }

    /// The text of a key: the string that serde writes, or the index.
    fn text_of(&self, key: &dyn Any, keys: &[&'static [Option<KeyAbilities>]]) -> Option<String> {
        if let Some(members) = self.members {
            return members.text(key);
        }
        match self.by {
            By::Index { .. } => key.downcast_ref::<usize>().map(usize::to_string),
            By::Key { key: id, .. } => text_of_key(known_key(id, keys)?.text?, key),
        }
    }

    /// Whether the texts of keys, or the JSON of a set's members, are known.
    pub(crate) fn has_key_texts(&self, keys: &[&'static [Option<KeyAbilities>]]) -> bool {
        if let Some(members) = self.members {
            return (members.abilities)().write.is_some();
        }
        match self.by {
            By::Index { .. } => true,
            By::Key { key, .. } => known_key(key, keys).is_some_and(|key| key.text.is_some()),
        }
    }
}
