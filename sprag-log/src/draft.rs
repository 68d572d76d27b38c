//! [`EntryDraft`]: the committer's own state, on which writes run before they are in the
//! log.
//!
//! The draft is the state of the log with the waiting writes. Each of these can be
//! reverted, the latest first, at the cost of what it wrote.

use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::{FutureExt, StreamExt};
use serde_json::value::RawValue;
use sprag_runtime::error::ApplyError;
use sprag_runtime::path::State;
use sprag_runtime::{Changes, Changeset, History, Model, Op, create_model};

use crate::work::{Panic, Work};

pub(crate) struct EntryDraft<T: 'static> {
    model: Model<T>,
    history: History<T>,
    changes: Changes<T>,
    /// How many writes can be reverted.
    depth: usize,
}

/// The effect of a write on the draft.
pub(crate) enum Ran {
    /// The write made these ops.
    Wrote(Box<RawValue>),
    /// The write made no ops.
    Nothing,
    /// The write made a value that JSON cannot carry, and was reverted.
    Unwritable(String),
    /// Like `Unwritable`, but the write could not be reverted: the draft must be rebuilt.
    Stuck(String),
    Panicked(Panic),
}

impl<T: State + Clone + Send + Sync> EntryDraft<T> {
    /// A draft whose last `depth` writes can be reverted.
    pub(crate) fn new(state: T, depth: usize) -> Self {
        let model = create_model("draft", state);
        let history = model.history(depth);
        let changes = model.changes();
        Self { model, history, changes, depth }
    }

    /// Runs `work` and records its ops.
    pub(crate) fn run(&mut self, work: &mut dyn Work<T>) -> Ran {
        let before = self.model.version();
        match catch_unwind(AssertUnwindSafe(|| work.run(&self.model))) {
            Ok(Ok(())) if self.model.version() != before => self.written(),
            Ok(_) => Ran::Nothing,
            Err(panic) => Ran::Panicked(panic),
        }
    }

    fn written(&mut self) -> Ran {
        let Some(Some(Ok(commit))) = self.changes.next().now_or_never() else {
            unreachable!("a commit is delivered when its write returns")
        };
        match exact(&commit.changeset().ops) {
            Ok(ops) => Ran::Wrote(ops),
            // A value that does not equal itself is not reverted.
            Err(reason) => match self.take_back() {
                Ok(()) => Ran::Unwritable(reason),
                Err(NotKept) => Ran::Stuck(reason),
            },
        }
    }

    /// Reverts the last write that is not reverted yet.
    pub(crate) fn take_back(&mut self) -> Result<(), NotKept> {
        let outcome = self.history.undo();
        self.skip();
        outcome.map(drop).map_err(|_| NotKept)
    }

    /// Applies ops of the log. No write may be waiting.
    pub(crate) fn apply(&mut self, set: &Changeset) -> Result<(), ApplyError> {
        let outcome = self.model.apply(set).map(drop);
        self.skip();
        outcome
    }

    /// Rebuilds the draft from `state`. No write may be waiting.
    pub(crate) fn reset(&mut self, state: T) {
        *self = Self::new(state, self.depth);
    }

    /// Discards the commits that no caller made.
    fn skip(&mut self) {
        while let Some(Some(_)) = self.changes.next().now_or_never() {}
    }
}

/// `ops` as they are logged; an error with the place and the reason if serde would read
/// another state back.
fn exact(ops: &[Op]) -> Result<Box<RawValue>, String> {
    for op in ops {
        op.reads_back().map_err(|error| format!("the value of `{}`: {error}", op.place()))?;
    }
    serde_json::value::to_raw_value(ops).map_err(|error| error.to_string())
}

/// The write cannot be reverted.
pub(crate) struct NotKept;
