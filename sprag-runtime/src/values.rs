//! Places that are given as text, and values that are JSON: the edge to HTTP, to an
//! inspector, to a command line.
//!
//! One implementation for [`Model`](crate::Model) and [`Store`](crate::Store). A write
//! is prepared outside of the lock: the state is written as JSON, the value put at its
//! place, and a copy of the state read from that. Under the lock only the value at the
//! place is moved from the copy into the state, so that all else stays what it is; the
//! user's serialisation runs there only where a patch was outrun `ATTEMPTS` times.

mod bounds;
mod description;
mod faces;
mod locate;
mod merge;

use std::ptr;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::bounds::{JsonState, ToJsonState};
pub use self::description::Description;
use self::locate::{Member, locate, owner};
use self::merge::merged;
use crate::cell::{Cell, Draft, Edit};
use crate::error::PathError;
use crate::path::{Hop, Noted, Reading, Route, Shape, State, exchange, resolve};

/// How deep JSON may be nested in a state that was written by text: as deep as
/// `serde_json` reads. A type that holds itself could be made deeper with each
/// request, until a thread's stack ends in the middle of a `Serialize`.
const DEEPEST: usize = 128;

/// How often a patch is prepared anew, when the state has changed meanwhile, before it
/// is prepared under the lock.
const ATTEMPTS: u32 = 8;

/// The value at `path` of `state`, which is of the given shape.
pub(crate) fn get<T: Serialize + 'static>(
    shape: &'static Shape,
    state: &T,
    path: &str,
) -> Result<Value, PathError> {
    let resolved = resolve(shape, state, path)?;
    if let Some(missing) = resolved.missing {
        return Err(missing.error);
    }
    let found = locate(state, &resolved.route.hops, path)?;
    Ok(found.value.unwrap_or_default())
}

fn set<T>(cell: &Arc<Cell<T>>, path: &str, value: Value) -> Result<(), PathError>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
{
    let mut written = Written::prepare(&*cell.snapshot(), path, |_| value)?;
    let mut draft = Draft::default();
    let mut outcome = Ok(());
    cell.write_with(&mut draft, |state, draft| {
        outcome = written.put(state, draft);
        outcome.is_ok()
    });
    outcome
}

fn patch<T>(cell: &Arc<Cell<T>>, path: &str, patch: &Value) -> Result<(), PathError>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
{
    for _ in 0..ATTEMPTS {
        let snapshot = cell.snapshot();
        let mut written = Written::prepare(&*snapshot, path, |value| merged(value, patch))?;
        let mut draft = Draft::default();
        let mut outcome = None;
        cell.write_with(&mut draft, |state, draft| {
            // While the snapshot is held, every write puts another state in its place.
            let is_unchanged = ptr::eq(state, &*snapshot);
            outcome = is_unchanged.then(|| written.put(state, draft));
            matches!(outcome, Some(Ok(())))
        });
        if let Some(outcome) = outcome {
            return outcome;
        }
    }
    let (mut draft, mut written) = (Draft::default(), None);
    let mut outcome = Ok(());
    cell.write_with(&mut draft, |state, draft| {
        outcome = Written::prepare(state, path, |value| merged(value, patch))
            .and_then(|prepared| written.insert(prepared).put(state, draft));
        outcome.is_ok()
    });
    outcome
}

/// A value on its way to its place.
struct Written<T> {
    /// A state that has the value at the place; after the write, what was there.
    copy: T,
    route: Arc<Route>,
    path: String,
}

impl<T: State + Clone + Serialize + DeserializeOwned> Written<T> {
    /// Makes what stands at `path` of `state` into what `change` makes of it.
    fn prepare(
        state: &T,
        path: &str,
        change: impl FnOnce(Value) -> Value,
    ) -> Result<Self, PathError> {
        let resolved = resolve(T::__SHAPE, state, path)?;
        let hops = &resolved.route.hops;
        if hops.iter().any(is_read_only) {
            return Err(PathError::ReadOnly { path: path.to_owned() });
        }
        let (location, value) = match resolved.missing {
            None => {
                let found = locate(state, hops, path)?;
                (found.location, found.value)
            }
            Some(missing) => {
                let mut location = locate(state, owner(hops), path)?.location;
                location.push(Member::Name(missing.key));
                (location, None)
            }
        };
        let copy = read_with(state, &location, change(value.unwrap_or_default()), path)?;
        let resolved = resolve(T::__SHAPE, &copy, path)?;
        match resolved.missing {
            Some(missing) => Err(missing.error),
            None => Ok(Self { copy, route: Arc::new(resolved.route), path: path.to_owned() }),
        }
    }

    /// Moves the value to its place in a draft of `state`.
    fn put(&mut self, state: &T, draft: &mut Draft<T>) -> Result<(), PathError> {
        draft.begin(state);
        draft.record();
        let (target, source) = (draft.state_mut(), &mut self.copy);
        let is_new = exchange(&self.route, T::__SHAPE, target, source, &self.path)?;
        draft.wrote(Edit::routed(&self.route, T::__SHAPE, is_new));
        Ok(())
    }
}

fn is_read_only(hop: &Hop) -> bool {
    match hop {
        Hop::Field { owner, index, .. } => {
            owner.note(Noted::Place(*index)).reading != Reading::Usual
        }
        _ => false,
    }
}

/// `state` with `value` at `location`, by way of JSON.
fn read_with<T: Serialize + DeserializeOwned>(
    state: &T,
    location: &[Member],
    value: Value,
    path: &str,
) -> Result<T, PathError> {
    if !is_within(&value, DEEPEST.saturating_sub(location.len())) {
        return Err(PathError::TooDeep { path: path.to_owned() });
    }
    let mut json = if location.is_empty() { Value::Null } else { written(state)? };
    let Some(slot) = slot(&mut json, location) else {
        return Err(PathError::Hidden { path: path.to_owned() });
    };
    *slot = value;
    T::deserialize(&json).or_else(|_| {
        // Whose fault it is, the value's or the state's, and where, is asked for then.
        if !location.is_empty() {
            read::<T>(&written(state)?)
                .map_err(|(at, error)| PathError::RoundTrip { at, source: error.into() })?;
        }
        read(&json).map_err(|(at, source)| PathError::Misfit { path: path.to_owned(), at, source })
    })
}

/// Whether `value` is nested at most `depth` deep.
fn is_within(value: &Value, depth: usize) -> bool {
    match (value, depth.checked_sub(1)) {
        (Value::Array(items), Some(depth)) => items.iter().all(|item| is_within(item, depth)),
        (Value::Object(members), Some(depth)) => {
            members.values().all(|member| is_within(member, depth))
        }
        (Value::Array(_) | Value::Object(_), None) => false,
        _ => true,
    }
}

fn written<T: Serialize>(state: &T) -> Result<Value, PathError> {
    serde_json::to_value(state)
        .map_err(|error| PathError::RoundTrip { at: String::new(), source: error.into() })
}

/// Where in `json` the location is; made where it is left out.
fn slot<'v>(json: &'v mut Value, location: &[Member]) -> Option<&'v mut Value> {
    location.iter().try_fold(json, |json, member| match member {
        Member::Name(name) => Some(json.as_object_mut()?.entry(name).or_insert(Value::Null)),
        Member::Index(index) => json.get_mut(index),
    })
}

/// Reads a state, and says where it could not.
fn read<T: DeserializeOwned>(json: &Value) -> Result<T, (String, serde_json::Error)> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let at = error.path().to_string();
        (if at == "." { String::new() } else { at }, error.into_inner())
    })
}
