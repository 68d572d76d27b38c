//! Places whose own types cannot be read: a type with parameters, and the types inside of
//! it.
//!
//! The nearest value around the place that can be written and read is written as JSON,
//! the value put at its place there, and a copy read from that. Only the place is
//! exchanged with the copy's.

use std::any::Any;
use std::sync::Arc;

use serde_json::Value;

use super::place_name::PlaceName;
use super::prepare::{Prepared, put, read_value};
use crate::cell::RoutedChange;
use crate::delta::KeptValue;
use crate::error::PathError;
use crate::path::{
    Abled, AnyKey, By, Entries, Hop, Read, Route, Shape, ValueRef, Write, Writing, follow,
    follow_mut,
};
use crate::values::locate::{Goal, Member};
use crate::values::read::{Root, refused, shown};

/// The nearest value around a place that can be written and read.
struct Anchor {
    /// How many steps lead to it.
    hops: usize,
    /// The number of members that lead to it in the JSON.
    depth: usize,
    write: Option<Write>,
    read: Read,
}

/// Replaces the value at an existing place.
pub(super) fn replace(
    root: Root<'_>,
    route: Route,
    abled: Abled,
    given: &Value,
    path: PlaceName<'_>,
    prepared: &mut Prepared,
    location: &[Member],
) -> Result<(), PathError> {
    let anchor = anchor(root, &route.hops, path)?;
    let copy = copy(root, &route.hops, &anchor, location, given.clone(), path)?;
    finish(root, route, abled, anchor, copy, path, prepared)
}

/// Adds an entry to the map at `route`.
#[allow(clippy::too_many_arguments, reason = "the parts of one place")]
pub(super) fn add(
    root: Root<'_>,
    route: Route,
    entries: &'static Entries,
    key: &str,
    given: &Value,
    path: PlaceName<'_>,
    prepared: &mut Prepared,
    location: &[Member],
) -> Result<(), PathError> {
    let mut location = location.to_vec();
    location.push(Member::Name(key.to_owned()));
    let anchor = anchor(root, &route.hops, path)?;
    let mut copy = copy(root, &route.hops, &anchor, &location, given.clone(), path)?;
    let absent = || crate::error::Absent { path: path.text() };
    let map = follow_mut(&mut *copy, &route.hops[anchor.hops..]).ok_or_else(absent)?;
    let (new, item) = new_entry(root, &route, entries, map).ok_or_else(absent)?;
    prepared.depends_on_state = true;
    let mut hops = route.hops;
    hops.push(Hop::Entry { entries, key: Arc::clone(&new), text: Some(key.to_owned()) });
    prepared.changes.push(RoutedChange::Add {
        route: Arc::new(Route { hops, shape: (entries.shape)() }),
        entries,
        key: new,
        item: Some(item),
        undone: None,
    });
    Ok(())
}

/// Takes the entry that the present map does not have out of `map`.
fn new_entry(
    root: Root<'_>,
    route: &Route,
    entries: &'static Entries,
    map: &mut dyn Any,
) -> Option<(AnyKey, Box<dyn Any>)> {
    let By::Key { keys, own, take, .. } = entries.by else { return None };
    let present = route.get(root.writing.value)?;
    let mut new = None;
    keys(map, &mut |key| {
        if (entries.step)(ValueRef::Ref(present), key).is_none() {
            new = own(key);
        }
    });
    let new = new?;
    let item = take(map, &*new)?;
    Some((new, item))
}

/// Replaces a field by that of a copy of its owner with `patch` merged into it: serde's
/// result for an omitted member, or for another variant of a flattened enum.
pub(super) fn field_of_owner(
    root: Root<'_>,
    owner: &Route,
    fields: &[(Hop, &'static Shape)],
    change: impl FnOnce(Value) -> Value,
    path: PlaceName<'_>,
    prepared: &mut Prepared,
) -> Result<(), PathError> {
    let shown = shown(root, &owner.hops, Goal::Value);
    let shown = shown.map_err(|stop| refused(stop, path.text()))?;
    let anchor = anchor(root, &owner.hops, path)?;
    let value = change(shown.value);
    for (field, shape) in fields {
        let copy = copy(root, &owner.hops, &anchor, &shown.location, value.clone(), path)?;
        let mut route = Route { hops: owner.hops.clone(), shape };
        route.hops.push(field.clone());
        let abled = Abled::root(root.tree).along(&route.hops);
        let anchor = Anchor { ..anchor };
        finish(root, route, abled, anchor, copy, path, prepared)?;
    }
    Ok(())
}

/// Replaces everything in a struct that no path leads to by that of a copy into which a
/// patch is merged.
pub(super) fn all_but_places(
    root: Root<'_>,
    owner: &Route,
    change: impl FnOnce(Value) -> Value,
    path: PlaceName<'_>,
    prepared: &mut Prepared,
) -> Result<(), PathError> {
    let shown = shown(root, &owner.hops, Goal::Value);
    let shown = shown.map_err(|stop| refused(stop, path.text()))?;
    let anchor = anchor(root, &owner.hops, path)?;
    let value = change(shown.value);
    let copy = copy(root, &owner.hops, &anchor, &shown.location, value, path)?;
    let abled = Abled::root(root.tree).along(&owner.hops);
    finish(root, owner.clone(), abled, anchor, copy, path, prepared)?;
    let Some(RoutedChange::Set { kept, .. }) = prepared.changes.last_mut() else { return Ok(()) };
    kept.retain(|kept| kept.old.hops.is_empty());
    for (index, field) in owner.shape.fields.iter().enumerate() {
        let Some(vtable) = field.shape.typed else { continue };
        let is_known = owner.shape.typed.is_some_and(|owner| owner.keep.is_some());
        if is_known && field.skipped {
            continue;
        }
        let hops = vec![Hop::Field { owner: owner.shape, index, field }];
        let place = Route { hops, shape: field.shape };
        kept.push(KeptValue { old: place.clone(), new: place, exchange: vtable.exchange });
    }
    Ok(())
}

fn finish(
    root: Root<'_>,
    route: Route,
    abled: Abled,
    anchor: Anchor,
    copy: Box<dyn Any>,
    path: PlaceName<'_>,
    prepared: &mut Prepared,
) -> Result<(), PathError> {
    let inner = route.hops[anchor.hops..].to_vec();
    if follow(&*copy, &inner).is_none() {
        return Err(crate::error::Absent { path: path.text() }.into());
    }
    prepared.depends_on_state = true;
    put(root, route, abled, abled.abilities(), copy, inner, prepared);
    Ok(())
}

fn anchor(root: Root<'_>, hops: &[Hop], path: PlaceName<'_>) -> Result<Anchor, PathError> {
    let hidden = || PathError::Hidden { path: path.text() };
    let read = root.read.ok_or_else(hidden)?;
    let mut found = Anchor { hops: 0, depth: 0, write: None, read };
    let mut abled = Abled::root(root.tree);
    for (index, hop) in hops.iter().enumerate() {
        abled = abled.step(hop);
        let abilities = abled.at(hop.shape());
        if let (Some(write), Some(read)) = (abilities.write, abilities.read)
            && let Ok(shown) = shown(root, &hops[..=index], Goal::Place)
        {
            let depth = shown.location.len();
            found = Anchor { hops: index + 1, depth, write: Some(write), read };
        }
    }
    Ok(found)
}

/// A copy of the anchor's value with `given` at `location`.
fn copy(
    root: Root<'_>,
    hops: &[Hop],
    anchor: &Anchor,
    location: &[Member],
    given: Value,
    path: PlaceName<'_>,
) -> Result<Box<dyn Any>, PathError> {
    let location = &location[anchor.depth..];
    let mut json = Value::Null;
    if !location.is_empty() {
        let value = follow(root.writing.value, &hops[..anchor.hops]);
        let written = serde_json::to_value(match (anchor.write, value) {
            (Some(write), Some(value)) => Writing { value, write },
            _ => root.writing,
        });
        json = written.map_err(|error| PathError::RoundTrip {
            at: String::new(),
            source: crate::error::cut(&error.to_string()).into(),
        })?;
    }
    let slot = slot(&mut json, location);
    *slot.ok_or_else(|| PathError::Hidden { path: path.text() })? = given;
    read_value(anchor.read, &json, path)
}

/// Where in `json` the location is; made where it is left out.
fn slot<'v>(json: &'v mut Value, location: &[Member]) -> Option<&'v mut Value> {
    location.iter().try_fold(json, |json, member| match member {
        Member::Name(name) => Some(json.as_object_mut()?.entry(name).or_insert(Value::Null)),
        Member::Index(index) => json.get_mut(index),
    })
}
