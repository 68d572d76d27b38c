//! A value for a place: read, checked, and next to the value that it replaces.

use std::any::Any;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::fallback;
use super::member::WrittenMember;
use super::place_name::PlaceName;
use crate::cell::RoutedChange;
use crate::delta::kept;
use crate::error::{PathError, cut};
use crate::path::{
    Abilities, Abled, Address, By, DEEPEST, Hop, Missing, Noted, Read, Reading, Resolved, Route,
    Spelling, State, Writing, check_exact, follow, is_within,
};
use crate::values::locate::Goal;
use crate::values::read::{Root, refused, shown};

/// How deep a value is in which the place of an error is looked for.
const TRACKED: usize = 32;

/// The changes of a write.
#[derive(Default)]
pub(super) struct Prepared {
    pub(super) changes: Vec<RoutedChange>,
    /// Whether another state would have led to other changes.
    pub(super) depends_on_state: bool,
}

impl Prepared {
    /// Whether the changes can be made to `state`: places and entries exist or are absent
    /// as before.
    pub(super) fn fit(&self, state: &dyn Any) -> bool {
        let fits = |change: &RoutedChange| match change {
            RoutedChange::Set { route, .. } | RoutedChange::Remove { route, .. } => {
                route.get(state).is_some()
            }
            RoutedChange::Add { route, .. } => {
                let way = &route.hops[..route.hops.len() - 1];
                follow(state, way).is_some() && route.get(state).is_none()
            }
        };
        self.changes.iter().all(fits)
    }
}

/// Sets the place at `address` to the value that `value` is read as.
pub(super) fn set<T>(
    state: &T,
    address: &Address,
    spelling: Spelling,
    value: &Value,
) -> Result<Prepared, PathError>
where
    T: State + Serialize + DeserializeOwned,
{
    let root = Root::of_writable(state);
    let resolved = root.resolve(T::__SHAPE, address, spelling)?;
    let mut prepared = Prepared::default();
    place(root, resolved, value, PlaceName::Address(address), &mut prepared)?;
    Ok(prepared)
}

/// Adds the change that puts the value read from `given` at a place.
pub(super) fn place(
    root: Root<'_>,
    resolved: Resolved,
    given: &Value,
    path: PlaceName<'_>,
    prepared: &mut Prepared,
) -> Result<(), PathError> {
    if resolved.route.hops.iter().any(is_read_only) {
        return Err(PathError::ReadOnly { path: path.text() });
    }
    place_by_any_name(root, resolved, given, path, prepared)
}

/// Like [`place`], also where the place was named as serde reads it.
pub(super) fn place_by_any_name(
    root: Root<'_>,
    resolved: Resolved,
    given: &Value,
    path: PlaceName<'_>,
    prepared: &mut Prepared,
) -> Result<(), PathError> {
    let member = WrittenMember::of(&resolved, path);
    let Resolved { route, missing } = resolved;
    let is_shared = |hop: &Hop| matches!(hop, Hop::Inside(inside) if inside.is_shared);
    if route.hops.iter().any(is_shared) {
        return Err(PathError::Shared { path: path.text() });
    }
    let goal = if missing.is_some() { Goal::Way } else { Goal::Place };
    let location = shown(root, &route.hops, goal);
    let location = location.map_err(|stop| refused(stop, path.text()))?.location;
    let depth = location.len() + usize::from(missing.is_some());
    if !is_within(given, DEEPEST.saturating_sub(depth)) {
        return Err(PathError::TooDeep { path: path.text() });
    }
    if let Some(member) = member {
        return member?.set(given, path, prepared);
    }
    let abled = Abled::root(root.tree).along(&route.hops);
    match missing {
        None => replace(root, route, abled, given, path, prepared, &location),
        Some(missing) => add(root, route, abled, missing, given, path, prepared, &location),
    }
}

/// Replaces the value at an existing place.
#[allow(clippy::too_many_arguments, reason = "the parts of one place")]
fn replace(
    root: Root<'_>,
    route: Route,
    abled: Abled,
    given: &Value,
    path: PlaceName<'_>,
    prepared: &mut Prepared,
    location: &[super::super::locate::Member],
) -> Result<(), PathError> {
    let abilities = if route.hops.is_empty() { root.abilities() } else { abled.at(route.shape) };
    let Some(read) = abilities.read else {
        return fallback::replace(root, route, abled, given, path, prepared, location);
    };
    let value = read_value(read, given, path)?;
    verify(&route, abilities, &*value, given, path)?;
    put(root, route, abled, abilities, value, Vec::new(), prepared);
    Ok(())
}

/// Adds the change that puts `holder`, or the value that `inner` leads to in it, at a
/// place.
pub(super) fn put(
    root: Root<'_>,
    route: Route,
    abled: Abled,
    abilities: Abilities,
    holder: Box<dyn Any>,
    inner: Vec<Hop>,
    prepared: &mut Prepared,
) {
    let mut values = Vec::new();
    let new = follow(&*holder, &inner);
    if let Some((old, new)) = route.get(root.writing.value).zip(new) {
        let found = kept(route.shape, abled, old, new);
        prepared.depends_on_state |= found.compares_lists;
        values = found.values;
    }
    prepared.changes.push(RoutedChange::Set {
        route: Arc::new(route),
        holder,
        inner,
        is_written: false,
        equal: abilities.eq,
        kept: values,
    });
}

/// Adds an entry to a map.
#[allow(clippy::too_many_arguments, reason = "the parts of one place")]
fn add(
    root: Root<'_>,
    route: Route,
    abled: Abled,
    missing: Missing,
    given: &Value,
    path: PlaceName<'_>,
    prepared: &mut Prepared,
    location: &[super::super::locate::Member],
) -> Result<(), PathError> {
    let Missing { text, entries, key, is_readable, within, .. } = missing;
    let Some(key) = key else {
        if is_readable {
            let (path, key) = (path.text(), cut(&text));
            return Err(PathError::NoKey { path, key, within });
        }
        return fallback::add(root, route, entries, &text, given, path, prepared, location);
    };
    let mut hops = route.hops.clone();
    hops.push(Hop::Entry { entries, key: Arc::clone(&key), text: Some(text.clone()) });
    let is_custom = abled.is_custom();
    let item = abled.along(&hops[hops.len() - 1..]).at((entries.shape)());
    let Some(read) = item.read.filter(|_| !is_custom) else {
        return fallback::add(root, route, entries, &text, given, path, prepared, location);
    };
    let value = read_value(read, given, path)?;
    let route = Route { hops, shape: (entries.shape)() };
    verify(&route, item, &*value, given, path)?;
    prepared.changes.push(RoutedChange::Add {
        route: Arc::new(route),
        entries,
        key,
        item: Some(value),
        undone: None,
    });
    Ok(())
}

/// Adds the change that removes the entry at the end of `route`.
pub(super) fn remove(route: Route, prepared: &mut Prepared) {
    if let Some(Hop::Entry { entries, key, .. }) = route.hops.last()
        && let By::Key { .. } = entries.by
    {
        let (entries, key) = (*entries, Arc::clone(key));
        let change = RoutedChange::Remove { route: Arc::new(route), entries, key, removed: None };
        prepared.changes.push(change);
    }
}

/// Reads a value, and says where it could not be read.
pub(super) fn read_value(
    read: Read,
    given: &Value,
    path: PlaceName<'_>,
) -> Result<Box<dyn Any>, PathError> {
    read(&mut <dyn erased_serde::Deserializer<'_>>::erase(given)).map_err(|error| {
        // Looked for only now: it costs, and a deep value more stack than a thread has.
        let at =
            if is_within(given, TRACKED) { place_of_error(read, given) } else { String::new() };
        let source = serde::de::Error::custom(cut(&error.to_string()));
        PathError::Misfit { path: path.text(), at, source }
    })
}

/// The position in `given` at which reading stops; empty if serde does not report it.
fn place_of_error(read: Read, given: &Value) -> String {
    let mut track = serde_path_to_error::Track::new();
    let from = serde_path_to_error::Deserializer::new(given, &mut track);
    // The error is known.
    let _ = read(&mut <dyn erased_serde::Deserializer<'_>>::erase(from));
    let at = track.path().to_string();
    if at == "." { String::new() } else { cut(&at) }
}

/// Refuses a value that would be read back as another one.
pub(super) fn verify(
    route: &Route,
    abilities: Abilities,
    value: &dyn Any,
    given: &Value,
    path: PlaceName<'_>,
) -> Result<(), PathError> {
    let Some(write) = abilities.write else { return Ok(()) };
    let address = || route.address();
    let at = || cut(&address().to_string());
    let written = serde_json::to_value(Writing { value, write })
        .map_err(|_| PathError::Lossy { path: path.text(), at: at() })?;
    // A default of serde's can be nested deeper than the given JSON.
    if !is_within(&written, DEEPEST.saturating_sub(route.depth())) {
        return Err(PathError::TooDeep { path: path.text() });
    }
    let is_same = |other: &Value| reads_same(abilities, other, value);
    check_exact(route.shape, given, &written, &address, &is_same)
        .map_err(|problem| problem.at(path.text()))
}

/// Whether other JSON is read as the same value, unless its type cannot be compared.
fn reads_same(abilities: Abilities, other: &Value, value: &dyn Any) -> bool {
    let read = |read: Read| read(&mut <dyn erased_serde::Deserializer<'_>>::erase(other)).ok();
    let Some(other) = abilities.read.and_then(read) else { return false };
    abilities.eq.and_then(|eq| eq(value, &*other)) != Some(false)
}

fn is_read_only(hop: &Hop) -> bool {
    match hop {
        Hop::Field { owner, index, .. } => {
            owner.note(Noted::Place(*index)).reading != Reading::Usual
        }
        _ => false,
    }
}
