//! Reads a place of a state as JSON.
//!
//! The way is followed through serde's output, so serde's own attributes decide the form of
//! a place. At the entry of a collection the search continues in the entry itself, so the
//! other entries cost nothing; inside of a box it continues with the content, so a deep way
//! needs no more stack than a short one.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::locate::{Goal, LocateStop, Member, locate};
use crate::error::PathError;
use crate::path::{
    Abilities, AbilityTree, Abled, Address, By, Hop, KeyHints, Probe, Read, Resolved, Searched,
    Shape, Spelling, State, Writing, follow, resolve,
};

/// A state, and how it is written.
#[derive(Clone, Copy)]
pub(super) struct Root<'a> {
    pub(super) writing: Writing<'a>,
    pub(super) tree: &'static AbilityTree,
    /// How it is read, where it is written.
    pub(super) read: Option<Read>,
    hints: KeyHints,
}

impl<'a> Root<'a> {
    pub(super) fn of<T: State + Serialize>(state: &'a T) -> Self {
        let (tree, hints) = (T::__ABILITY_TREE, KeyHints::Given);
        let writing = Writing { value: state, write: Probe::<T>::WRITTEN };
        Self { writing, tree, read: None, hints }
    }

    pub(super) fn of_writable<T: State + Serialize + DeserializeOwned>(state: &'a T) -> Self {
        Self { read: Probe::<T>::READ, hints: KeyHints::Left, ..Self::of(state) }
    }

    /// The place that `address` names.
    pub(super) fn resolve(
        self,
        shape: &'static Shape,
        address: &Address,
        spelling: Spelling,
    ) -> Result<Resolved, PathError> {
        let Self { writing, tree, hints, .. } = self;
        let (value, key_texts) = (writing.value, |hops: &[Hop]| key_texts(writing, hops));
        resolve(Searched { shape, tree, value, key_texts: &key_texts, hints }, address, spelling)
    }

    /// The abilities of the root.
    pub(super) fn abilities(&self) -> Abilities {
        let found = self.tree.own;
        Abilities { read: self.read.or(found.read), ..found }
    }
}

/// A place in the JSON of a state.
pub(super) struct ShownPlace {
    /// Where it is, from the root on.
    pub(super) location: Vec<Member>,
    /// The value of the place; `null` where only the way was followed.
    pub(super) value: Value,
}

/// Follows `hops` through the JSON of `root`.
pub(super) fn shown(root: Root<'_>, hops: &[Hop], goal: Goal) -> Result<ShownPlace, LocateStop> {
    if let [set @ .., hop] = hops
        && let Some((members, member)) = hop.member()
    {
        return shown_member(root, set, members.json(&**member), goal);
    }
    let mut location = Vec::new();
    let (mut writing, mut start) = (root.writing, 0);
    let mut abled = Abled::root(root.tree);
    for (index, hop) in hops.iter().enumerate() {
        let is_custom = abled.is_custom();
        abled = abled.step(hop);
        if !matches!(hop, Hop::Entry { .. } | Hop::Inside(_)) {
            continue;
        }
        let Some(write) = abled.at(hop.shape()).write.filter(|_| !is_custom) else { continue };
        let way = &hops[start..index];
        locate(&writing, way, Goal::Way, &mut location)?;
        let value = follow(writing.value, &hops[start..=index]).ok_or(LocateStop::Hidden)?;
        writing = Writing { value, write };
        location.extend(member(hop)?);
        start = index + 1;
    }
    let value = locate(&writing, &hops[start..], goal, &mut location)?;
    Ok(ShownPlace { location, value })
}

/// The member `json` of the set at `set`.
fn shown_member(
    root: Root<'_>,
    set: &[Hop],
    json: Option<Value>,
    goal: Goal,
) -> Result<ShownPlace, LocateStop> {
    let mut place = shown(root, set, Goal::Way)?;
    let json = json.ok_or(LocateStop::Hidden)?;
    place.location.push(Member::Name(String::new()));
    place.value = match goal {
        Goal::Value => json,
        // A member is as large as the part of the address that names it.
        Goal::Text | Goal::TextWithin(_) => json.to_string().into(),
        Goal::Place | Goal::Way | Goal::Keys => Value::Null,
    };
    Ok(place)
}

/// The position of an entry in the JSON of its collection; a box is written like its
/// content.
fn member(hop: &Hop) -> Result<Option<Member>, LocateStop> {
    let Hop::Entry { entries, text, .. } = hop else { return Ok(None) };
    let text = text.clone().ok_or(LocateStop::Hidden)?;
    Ok(Some(match entries.by {
        By::Index { .. } => Member::Index(text.parse().unwrap_or_default()),
        By::Key { .. } => Member::Name(text),
    }))
}

/// The strings that serde writes for the keys of the map that `hops` lead to.
fn key_texts(root: Writing<'_>, hops: &[Hop]) -> Option<Vec<String>> {
    match locate(&root, hops, Goal::Keys, &mut Vec::new()).ok()? {
        Value::Array(keys) => keys.into_iter().map(|key| key.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// The error of a way that stopped, for the place that a text names.
pub(super) fn refused(stop: LocateStop, path: String) -> PathError {
    let at = String::new();
    match stop {
        LocateStop::Json(source) => PathError::RoundTrip { at, source: source.into() },
        LocateStop::Serde(text) => {
            PathError::RoundTrip { at, source: crate::error::cut(&text).into() }
        }
        LocateStop::Found | LocateStop::Hidden => PathError::Hidden { path },
    }
}
