//! The keys of a map on the way: read from text, written for an error.

use std::any::{Any, TypeId};

use super::Search;
use crate::error::{PathError, cut};
use crate::path::ability::{KeyRead, key_texts};
use crate::path::ability::{known_key, text_of_key};
use crate::path::text::abled::Abled;
use crate::path::text::address::Part;
use crate::path::text::erased::{AnyKey, By, Entries};

use crate::path::text::suggest::{COMPARED, listed, nearest};

impl Search<'_> {
    /// The key that is written `text`. Where the type of the keys cannot be read, the
    /// map's keys are written and compared: O(n).
    pub(super) fn key(
        &self,
        entries: &'static Entries,
        abled: Abled,
        map: &dyn Any,
        text: &str,
    ) -> Result<Option<AnyKey>, PathError> {
        let By::Key { key: key_type, keys, own, .. } = entries.by else { return Ok(None) };
        if let Some(read) = self.reader(entries) {
            return Ok(read(text));
        }
        let texts = self.texts(abled, map).ok_or_else(|| self.unwritten(key_type))?;
        let Some(position) = texts.iter().position(|known| known == text) else {
            return Ok(None);
        };
        let (mut number, mut found) = (0, None);
        keys(map, &mut |key| {
            if number == position {
                found = own(key);
            }
            number += 1;
        });
        Ok(found)
    }

    /// The error of a map whose keys nothing can write.
    fn unwritten(&self, key_type: TypeId) -> PathError {
        match known_key(key_type, &self.keys) {
            Some(_) => PathError::Hidden { path: self.path() },
            None => PathError::UnknownKeys { path: self.path() },
        }
    }

    /// The text that serde writes for each key of a map.
    fn texts(&self, abled: Abled, map: &dyn Any) -> Option<Vec<String>> {
        let own = abled.abilities().write.and_then(|write| key_texts(map, write));
        own.or_else(|| (self.root.key_texts)(&self.hops))
    }

    pub(super) fn reader(&self, entries: &'static Entries) -> Option<KeyRead> {
        match entries.by {
            By::Key { key, .. } => known_key(key, &self.keys)?.read,
            By::Index { .. } => None,
        }
    }

    pub(super) fn key_text(&self, entries: &'static Entries, key: &dyn Any) -> Option<String> {
        if let Some(members) = entries.members {
            return members.text(key);
        }
        match entries.by {
            By::Key { key: id, .. } => text_of_key(known_key(id, &self.keys)?.text?, key),
            By::Index { .. } => None,
        }
    }

    /// The error of a key that a map does not have, which has `keys`.
    pub(super) fn no_entry(&self, keys: &[String], key: &str, rest: &[Part]) -> PathError {
        PathError::NoEntry {
            path: self.path(),
            key: cut(key),
            within: self.before(rest),
            nearest: nearest(key, keys),
            known: listed(keys),
        }
    }

    /// The texts of keys that the map has, up to as many as are compared.
    pub(super) fn some_keys(
        &self,
        entries: &'static Entries,
        abled: Abled,
        map: &dyn Any,
    ) -> Vec<String> {
        let By::Key { key: id, some_keys, .. } = entries.by else { return Vec::new() };
        let mut known = Vec::new();
        if let Some(members) = entries.members {
            some_keys(map, COMPARED, &mut |member| known.extend(members.text(member)));
            return known;
        }
        let Some(text) = known_key(id, &self.keys).and_then(|key| key.text) else {
            return self.texts(abled, map).unwrap_or_default();
        };
        some_keys(map, COMPARED, &mut |key| known.extend(text_of_key(text, key)));
        known
    }
}
