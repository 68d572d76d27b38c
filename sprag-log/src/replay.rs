//! Applies entries and snapshots to a model.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sprag_runtime::error::ApplyError;
use sprag_runtime::path::{Address, State};
use sprag_runtime::{Changeset, Model, Op, OpValue};

use crate::backend::Snapshot;
use crate::chain::{Broken, EntryChain};
use crate::entry::{LogEntry, StoredState, decode, encode};
use crate::evolution::{Evolution, LogTypes, UnfitOp};
use crate::guard::{dropped, guarded, reason};

/// Why the state does not match the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Misfit {
    #[error("{0}")]
    Apply(#[from] ApplyError),
    #[error("{0}")]
    Format(#[from] serde_json::Error),
    #[error("{0}")]
    Broken(#[from] Broken),
    #[error("{0}")]
    Json(#[from] UnfitOp),
    #[error("the migration failed: {0}")]
    Migration(String),
    #[error("the code of a value panicked: {0}")]
    Panicked(String),
    #[error("the state with which the log began: {0}")]
    Initial(Box<Misfit>),
    #[error(
        "a newer type wrote data that does not match: {0}; start this process with the newer type"
    )]
    NewerValue(String),
    #[error(
        "a newer type wrote `{place}`, which this process's type does not have; start this process with the newer type"
    )]
    Newer { place: Address },
}

impl Misfit {
    /// The reason, with the sequence of the entry.
    pub(crate) fn at(&self, sequence: u64) -> String {
        format!("at sequence {sequence}: {self}")
    }
}

/// Applies `entries`, of which `sequence` is the last, as one commit. Returns the ops.
pub(crate) fn applied<T>(
    model: &Model<T>,
    sequence: u64,
    entries: &[LogEntry],
    evolution: &mut Evolution,
) -> Result<Changeset, Misfit>
where
    T: State + Clone + Send + Sync,
{
    let mut ops = Vec::new();
    for entry in entries {
        ops.append(&mut evolution.ops(entry)?);
    }
    let mut set = Changeset::new(model.version(), sequence, ops);
    set.by = entries.iter().flat_map(LogEntry::origins).collect();
    let is_newer = |entry: &LogEntry| evolution.is_newer(entry.fingerprint);
    made(model, &set).map_err(|misfit| match misfit {
        Misfit::Apply(error) if entries.iter().any(is_newer) => {
            Misfit::NewerValue(error.to_string())
        }
        misfit => misfit,
    })?;
    Ok(set)
}

/// Applies `set` to the model. A panic after the commit, such as that of a replaced value's
/// drop, is not a failure.
fn made<T>(model: &Model<T>, set: &Changeset) -> Result<(), Misfit>
where
    T: State + Clone + Send + Sync,
{
    match guarded(|| model.apply_as(set)) {
        Ok(outcome) => Ok(outcome.map(drop)?),
        Err(panic) => {
            let reason = reason(panic);
            if model.version() == set.to { Ok(()) } else { Err(Misfit::Panicked(reason)) }
        }
    }
}

/// Replaces the model's state by the state of `snapshot`, as one commit. Returns the chain up
/// to the snapshot. The log's incarnation must be `log` if that is known.
pub(crate) fn replaced<T>(
    model: &Model<T>,
    log: Option<u64>,
    snapshot: &Snapshot,
    evolution: &mut Evolution,
) -> Result<EntryChain, Misfit>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
{
    let state: StoredState<'_, &RawValue> = decode(&snapshot.body).map_err(Broken::Unreadable)?;
    if log.is_some_and(|log| log != state.log) {
        return Err(Broken::Replaced.into());
    }
    state.types.iter().for_each(|fingerprint| evolution.types.note(*fingerprint));
    let own = state.state.as_ref().ok_or(Broken::Destroyed)?;
    let read: T = evolution.state(state.fingerprint, own)?;
    let value = guarded(|| serde_json::to_value(&read));
    dropped(read);
    let value: OpValue = value.map_err(|panic| Misfit::Panicked(reason(panic)))??.into();
    let ops = vec![Op::Set { place: Address::default(), value }];
    made(model, &Changeset::new(model.version(), snapshot.sequence, ops))?;
    Ok(EntryChain::at(state.log, snapshot.sequence, state.sum))
}

/// The end of an incarnation, the last entry of `chain`, in the form of a snapshot.
pub(crate) fn encoded_end(
    chain: &EntryChain,
    fingerprint: u32,
) -> Result<Bytes, serde_json::Error> {
    encode(&stored::<()>(chain, fingerprint))
}

/// `state`, which is that at the end of `chain`, in the form of a snapshot. `initial` is the state
/// of the first entry.
pub(crate) fn encoded(
    chain: &EntryChain,
    types: &LogTypes,
    initial: &RawValue,
    state: &impl Serialize,
) -> Result<Bytes, serde_json::Error> {
    let (types, own) = (types.seen().to_vec(), types.own());
    let (initial, state) = (Some(initial), Some(state));
    encode(&StoredState { types, initial, state, ..stored(chain, own) })
}

fn stored<'a, S>(chain: &EntryChain, fingerprint: u32) -> StoredState<'a, S> {
    let (log, sequence, sum) = (chain.log.unwrap_or_default(), chain.counted, chain.sum);
    StoredState { log, sequence, sum, fingerprint, types: Vec::new(), initial: None, state: None }
}
