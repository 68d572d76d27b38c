//! Writes of places that are given as text or as an address.
//!
//! A write is prepared outside of the lock: the value is read by the reader of its place.
//! Under the lock the value is exchanged with the one at the place.

mod fallback;
mod member;
mod merge;
mod place_name;
mod prepare;

use std::ptr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::prepare::Prepared;
use crate::cell::Routed;
use crate::cell::writer::Writer;
use crate::error::PathError;
use crate::path::{Address, Spelling, State};

/// How often a write that depends on the state is prepared again, after the state has
/// changed, before it is prepared under the lock.
const ATTEMPTS: u32 = 8;

/// Sets the place at `address` to `value`; returns the version that this made.
pub(super) fn set<T>(
    writer: Writer<'_, T>,
    address: &Address,
    spelling: Spelling,
    value: &Value,
) -> Result<u64, PathError>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
{
    commit(writer, &|state| prepare::set(state, address, spelling, value))
}

/// Merges `patch` into the place at `address`; returns the version that this made, or the
/// present one if the patch changes nothing.
pub(super) fn patch<T>(
    writer: Writer<'_, T>,
    address: &Address,
    spelling: Spelling,
    patch: &Value,
) -> Result<u64, PathError>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
{
    commit(writer, &|state| merge::patch(state, address, spelling, patch))
}

fn commit<T>(
    writer: Writer<'_, T>,
    prepare: &dyn Fn(&T) -> Result<Prepared, PathError>,
) -> Result<u64, PathError>
where
    T: State + Clone + Send + Sync,
{
    for _ in 0..ATTEMPTS {
        let snapshot = writer.snapshot();
        let mut prepared = prepare(&snapshot)?;
        if prepared.changes.is_empty() {
            return Ok(writer.version());
        }
        // Only a write that depends on the state holds the snapshot: while a snapshot is
        // held, each write makes a copy of the state.
        let held = prepared.depends_on_state.then_some(snapshot);
        let mut write = Routed::default();
        let version = writer.write_with(&mut write, |state, write| {
            let is_outrun = held.as_deref().is_some_and(|held| !ptr::eq(state, held));
            let is_fit = !is_outrun && prepared.fit(state);
            write.changes = std::mem::take(&mut prepared.changes);
            is_fit
        });
        if let Some(version) = version {
            return Ok(version);
        }
    }
    let (mut write, mut outcome) = (Routed::default(), Ok(()));
    let version = writer.write_with(&mut write, |state, write| {
        outcome = prepare(state).map(|prepared| write.changes = prepared.changes);
        outcome.is_ok() && !write.changes.is_empty()
    });
    outcome?;
    Ok(version.unwrap_or_else(|| writer.version()))
}
