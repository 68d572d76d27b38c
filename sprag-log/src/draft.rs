//! [`EntryDraft`]: the committer's own state, on which writes run before they are in the log.
//!
//! It is the state of the log and the writes that wait. Each of those can be taken back,
//! the latest first, at the cost of what it wrote.

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
    /// As many writes as can be taken back.
    depth: usize,
}

/// What a write did to the draft.
pub(crate) enum Ran {
    /// It wrote these ops.
    Wrote(Box<RawValue>),
    /// It wrote nothing.
    Nothing,
    /// It wrote what JSON cannot carry, and is taken back.
    Unwritable(String),
    /// The same, and it could not be taken back: the draft must begin again.
    Stuck(String),
    Panicked(Panic),
}

impl<T: State + Clone + Send + Sync> EntryDraft<T> {
    /// A draft of which the last `depth` writes can be taken back.
    pub(crate) fn new(state: T, depth: usize) -> Self {
        let model = create_model("draft", state);
        let history = model.history(depth);
        let changes = model.changes();
        Self { model, history, changes, depth }
    }

    /// Runs `work` and keeps what it wrote.
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
            // A value that does not equal itself is not taken back.
            Err(reason) => match self.take_back() {
                Ok(()) => Ran::Unwritable(reason),
                Err(NotKept) => Ran::Stuck(reason),
            },
        }
    }

    /// Takes the last write that is not taken back yet back.
    pub(crate) fn take_back(&mut self) -> Result<(), NotKept> {
        let outcome = self.history.undo();
        self.skip();
        outcome.map(drop).map_err(|_| NotKept)
    }

    /// Makes what is in the log. No write waits.
    pub(crate) fn apply(&mut self, set: &Changeset) -> Result<(), ApplyError> {
        let outcome = self.model.apply(set).map(drop);
        self.skip();
        outcome
    }

    /// Begins again with `state`. No write waits.
    pub(crate) fn reset(&mut self, state: T) {
        *self = Self::new(state, self.depth);
    }

    /// Discards the commits that are not a caller's.
    fn skip(&mut self) {
        while let Some(Some(_)) = self.changes.next().now_or_never() {}
    }
}

/// `ops` as they are logged; the place and the reason where serde would read another state
/// back.
fn exact(ops: &[Op]) -> Result<Box<RawValue>, String> {
    for op in ops {
        op.reads_back().map_err(|error| format!("the value of `{}`: {error}", op.place()))?;
    }
    serde_json::value::to_raw_value(ops).map_err(|error| error.to_string())
}

/// The write cannot be taken back.
pub(crate) struct NotKept;
