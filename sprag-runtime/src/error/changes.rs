//! The errors of applying a changeset.

use super::PathError;
use super::path::place as shown;

/// Why a changeset was not applied. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The state is not at the version that the changeset starts from.
    #[error(
        "the changeset starts from version {from}, but the state is at {version}; begin again with the whole state"
    )]
    Version {
        /// The version that the changeset starts from.
        from: u64,
        /// The version of the state.
        version: u64,
    },
    /// The op's place is not in the state, or cannot be written.
    #[error("op {op} does not fit: {source}")]
    Place {
        /// The number of the op, counted from 0.
        op: usize,
        /// The error of the place.
        source: Box<PathError>,
    },
    /// The op's value does not fit the place.
    #[error("the value of op {op} does not fit {}: {source}", shown(.place))]
    Value {
        /// The number of the op, counted from 0.
        op: usize,
        /// The place, as text.
        place: String,
        /// Serde's error about the value.
        source: serde_json::Error,
    },
    /// The place does not allow the op, or is not as the op needs it: the map has the key
    /// already, an index is past the end, another write changed the value.
    #[error("op {op} does not fit {}: {reason}", shown(.place))]
    Conflict {
        /// The number of the op, counted from 0.
        op: usize,
        /// The place, as text.
        place: String,
        /// The reason why the op does not fit.
        reason: &'static str,
    },
}

/// Why a changeset was not applied by `apply_if`. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyIfError<E> {
    /// The changeset does not fit the state.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// One of the caller's checks refused the state before the ops, or the one after them.
    #[error("refused: {0}")]
    Refused(E),
}

/// Why nothing was undone or redone. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// There is no write to undo, or none to redo.
    #[error("there is nothing to {action}")]
    Empty {
        /// `undo` or `redo`.
        action: &'static str,
    },
    /// Another write has changed the place, or an element has moved.
    #[error("another write changed `{place}` since; undo that first, or write the value")]
    Conflict {
        /// The place, as text; empty for the root.
        place: String,
    },
    /// A value below the place was not kept, since its type is not `Clone`.
    #[error("the value of `{place}` was not kept; its type is not `Clone`")]
    NotKept {
        /// The place, as text; empty for the root.
        place: String,
    },
}
