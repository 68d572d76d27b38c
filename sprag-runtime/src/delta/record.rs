//! [`Record`]: the changes of one commit, known at once or found later by comparison.

use std::any::Any;
use std::sync::Arc;

use smallvec::SmallVec;

use super::cause::Cause;
use super::compare::{compare, refine};
use super::known::Known;
use super::op::RecordedOp;
use crate::sync::Mutex;

/// The ops of one commit, shared by all readers.
pub(crate) struct Record<T> {
    root: Known,
    cause: Cause,
    found: Mutex<RecordedOps<T>>,
}

/// Two states, of which the second is the commit's.
pub(crate) struct StatePair<T> {
    old: Arc<T>,
    new: Arc<T>,
}

enum RecordedOps<T> {
    Ops(Arc<[RecordedOp]>),
    /// Ops of which some set an edited value, to be compared by the first who reads them.
    Edits(Arc<[RecordedOp]>),
    /// To be compared by the first who reads the ops, at the latest by the next write.
    Later(StatePair<T>),
}

impl<T> Clone for StatePair<T> {
    fn clone(&self) -> Self {
        Self { old: Arc::clone(&self.old), new: Arc::clone(&self.new) }
    }
}

impl<T: Send + Sync + 'static> Record<T> {
    /// A record of a write that named its places.
    pub(crate) fn of_ops(root: Known, ops: SmallVec<[RecordedOp; 1]>) -> Self {
        let ops: Arc<[RecordedOp]> = match ops.into_inner() {
            Ok(one) => Arc::new(one),
            Err(ops) => ops.into_vec().into(),
        };
        let is_edited = ops.iter().any(|op| op.edited().is_some());
        Self::new(root, if is_edited { RecordedOps::Edits(ops) } else { RecordedOps::Ops(ops) })
    }

    /// A record of a write that may have changed anything.
    pub(crate) fn of_states(root: Known, old: Arc<T>, new: Arc<T>) -> Self {
        Self::new(root, RecordedOps::Later(StatePair { old, new }))
    }

    fn new(root: Known, found: RecordedOps<T>) -> Self {
        Self { root, cause: Cause::present(), found: Mutex::new(found) }
    }

    pub(crate) fn cause(&self) -> &Cause {
        &self.cause
    }

    pub(crate) fn root(&self) -> Known {
        self.root
    }

    /// The ops. The first call may compare two whole states.
    pub(crate) fn ops(&self) -> Arc<[RecordedOp]> {
        // Compared and dropped outside of the lock: both run the user's code.
        let found = match &*self.found.lock() {
            RecordedOps::Ops(ops) => return Arc::clone(ops),
            RecordedOps::Edits(edits) => Err(Arc::clone(edits)),
            RecordedOps::Later(pair) => Ok(pair.clone()),
        };
        let ops = match &found {
            Ok(StatePair { old, new }) => {
                compare(self.root, &**old as &dyn Any, &**new as &dyn Any)
            }
            Err(edits) => edits.iter().flat_map(|op| refine(self.root, op.clone())).collect(),
        };
        let (ops, _discarded) = self.settle_with(ops.into());
        ops
    }

    /// Compares the states, if that is still to be done, so that the record holds nothing of
    /// the present state. Returns the old state for the caller to drop outside of its lock.
    pub(crate) fn settle(&self) -> Option<Arc<T>> {
        let pair = match &*self.found.lock() {
            RecordedOps::Ops(_) | RecordedOps::Edits(_) => return None,
            RecordedOps::Later(pair) => pair.clone(),
        };
        let (old, new): (&dyn Any, &dyn Any) = (&*pair.old, &*pair.new);
        drop(self.settle_with(compare(self.root, old, new).into()));
        Some(pair.old)
    }

    /// Keeps `ops`, unless another reader was first. Returns the kept ops, and what they
    /// replace.
    fn settle_with(&self, ops: Arc<[RecordedOp]>) -> (Arc<[RecordedOp]>, Option<RecordedOps<T>>) {
        let mut found = self.found.lock();
        if let RecordedOps::Ops(first) = &*found {
            return (Arc::clone(first), None);
        }
        let replaced = std::mem::replace(&mut *found, RecordedOps::Ops(Arc::clone(&ops)));
        (ops, Some(replaced))
    }
}
