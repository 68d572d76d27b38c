//! [`EntryDraft`]: the committer's own state, on which writes run before they are in the
//! log.
//!
//! The draft is the state of the log with the waiting writes. Each of these can be
//! reverted, the latest first, at the cost of its ops.

use futures_util::{FutureExt, StreamExt};
use serde_json::value::RawValue;
use sprag_runtime::__private::{create_replica, discard};
use sprag_runtime::path::State;
use sprag_runtime::{Changes, Changeset, History, Model, Op};

use crate::guard::{Panic, dropped, guarded};
use crate::work::Work;

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
    /// The write failed and was reverted.
    Failed(WriteFailure),
    /// The write failed and could not be reverted: the draft must be rebuilt.
    Stuck(WriteFailure),
}

/// Why a write is not logged.
pub(crate) enum WriteFailure {
    /// The write made a value that JSON cannot carry, for this reason.
    Unwritable(String),
    /// The closure panicked, or the code of a value that the closure wrote.
    Panicked(Panic),
}

impl<T: State + Clone + Send + Sync> EntryDraft<T> {
    /// A draft whose last `depth` writes can be reverted.
    pub(crate) fn new(state: T, depth: usize) -> Self {
        let model = create_replica("draft", state);
        let history = model.history(depth);
        let changes = model.changes();
        Self { model, history, changes, depth }
    }

    /// Runs `work` and records its ops.
    pub(crate) fn run(&mut self, work: &mut dyn Work<T>) -> Ran {
        let before = self.model.version();
        let outcome = guarded(|| work.run(&self.model));
        let wrote = self.model.version() != before;
        match outcome {
            Ok(Ok(())) if wrote => match guarded(|| self.written()) {
                Ok(Ok(ops)) => Ran::Wrote(ops),
                Ok(Err(reason)) => self.revert(WriteFailure::Unwritable(reason)),
                Err(panic) => self.revert(WriteFailure::Panicked(panic)),
            },
            Ok(_) => Ran::Nothing,
            // The drop of a replaced value panics after the commit.
            Err(panic) if wrote => self.revert(WriteFailure::Panicked(panic)),
            Err(panic) => Ran::Failed(WriteFailure::Panicked(panic)),
        }
    }

    /// The ops of the last commit in the form of the log.
    fn written(&mut self) -> Result<Box<RawValue>, String> {
        let Some(Some(Ok(commit))) = self.changes.next().now_or_never() else {
            unreachable!("a commit is delivered when its write returns")
        };
        exact(&commit.changeset().ops)
    }

    /// Reverts the last write, which failed. A value that does not equal itself is not
    /// reverted.
    fn revert(&mut self, failure: WriteFailure) -> Ran {
        match self.take_back() {
            Ok(()) => Ran::Failed(failure),
            Err(NotKept) => Ran::Stuck(failure),
        }
    }

    /// Reverts the last write that is not reverted yet.
    pub(crate) fn take_back(&mut self) -> Result<(), NotKept> {
        self.change(|draft| draft.history.undo().is_ok())
    }

    /// Releases the values that all writes but the latest `count` replaced. Those are in the
    /// log, and are not reverted any more.
    pub(crate) fn keep_latest(&self, count: usize) {
        if let Err(panic) = guarded(|| self.history.keep_latest(count)) {
            discard(panic);
        }
    }

    /// Applies ops of the log, which may be of an older type. No write may be waiting.
    pub(crate) fn apply(&mut self, set: &Changeset) -> Result<(), NotKept> {
        let mut set = set.clone();
        self.change(|draft| {
            set.from = draft.model.version();
            set.to = set.from + 1;
            draft.model.apply_as(&set).is_ok()
        })
    }

    /// Runs `f`, which returns whether the draft is changed as intended. A panic of a value's
    /// code counts as a failure.
    fn change(&mut self, f: impl FnOnce(&Self) -> bool) -> Result<(), NotKept> {
        let outcome = guarded(|| {
            let is_changed = f(self);
            self.skip();
            is_changed
        });
        match outcome {
            Ok(true) => Ok(()),
            Ok(false) => Err(NotKept),
            Err(panic) => {
                discard(panic);
                Err(NotKept)
            }
        }
    }

    /// Rebuilds the draft from `state`. No write may be waiting.
    pub(crate) fn reset(&mut self, state: T) {
        let rebuilt = Self::new(state, self.depth);
        dropped(std::mem::replace(self, rebuilt));
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

/// The draft is not in the intended state, and must be rebuilt.
pub(crate) struct NotKept;

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use serde_json::json;

    use super::*;
    use crate::work::Call;

    #[test]
    fn l4_a_write_that_panics_changes_nothing_whether_it_wrote_before_or_not() {
        for writes in [true, false] {
            let mut draft = EntryDraft::new(1_u64, 4);
            let (mut call, _caller) =
                Call::new(move |model: &Model<u64>| -> Result<(), Infallible> {
                    if writes {
                        model.update(|state| *state += 1);
                    }
                    panic!("of the test")
                });
            assert!(matches!(draft.run(&mut call), Ran::Failed(WriteFailure::Panicked(_))));
            assert_eq!(*draft.model.snapshot(), 1);
        }
    }

    #[test]
    fn l9_an_entry_of_another_process_is_applied_to_the_draft_and_not_a_new_draft() {
        let mut draft = EntryDraft::new(1_u64, 4);
        for next in [2, 3] {
            let op = serde_json::from_value(json!(["=", [], next])).expect("an op");
            assert!(draft.apply(&Changeset::new(0, 0, vec![op])).is_ok());
            assert_eq!(*draft.model.snapshot(), next);
        }
    }
}
