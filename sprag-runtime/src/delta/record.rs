//! [`Record`]: what one commit did, known at once or found later by comparison.

use std::any::Any;
use std::sync::Arc;

use super::cause::Cause;
use super::compare::compare;
use super::known::Known;
use super::op::Op;
use crate::sync::Mutex;

/// The ops of one commit, shared by all readers.
pub(crate) struct Record<T> {
    root: Known,
    keeps_old: bool,
    cause: Cause,
    found: Mutex<Found<T>>,
}

/// Two states, of which the second is the commit's.
pub(crate) struct Pair<T> {
    old: Arc<T>,
    new: Arc<T>,
}

enum Found<T> {
    Ops(Arc<[Op]>),
    /// To be compared by the first who reads the ops, at the latest by the next write.
    Later(Pair<T>),
}

impl<T> Clone for Pair<T> {
    fn clone(&self) -> Self {
        Self { old: Arc::clone(&self.old), new: Arc::clone(&self.new) }
    }
}

impl<T: Send + Sync + 'static> Record<T> {
    /// Of a write that said what it does.
    pub(crate) fn of_ops(root: Known, keeps_old: bool, ops: Vec<Op>) -> Self {
        Self::new(root, keeps_old, Found::Ops(ops.into()))
    }

    /// Of a write that may have changed anything.
    pub(crate) fn of_states(root: Known, keeps_old: bool, old: Arc<T>, new: Arc<T>) -> Self {
        Self::new(root, keeps_old, Found::Later(Pair { old, new }))
    }

    fn new(root: Known, keeps_old: bool, found: Found<T>) -> Self {
        Self { root, keeps_old, cause: Cause::present(), found: Mutex::new(found) }
    }

    pub(crate) fn cause(&self) -> &Cause {
        &self.cause
    }

    pub(crate) fn root(&self) -> Known {
        self.root
    }

    /// The ops. The first call may compare two whole states.
    pub(crate) fn ops(&self) -> Arc<[Op]> {
        // Compared and dropped outside of the lock: both run the user's code.
        let pair = match &*self.found.lock() {
            Found::Ops(ops) => return Arc::clone(ops),
            Found::Later(pair) => pair.clone(),
        };
        let (ops, _discarded) = self.settle_with(&pair);
        ops
    }

    /// Compares the states, if that is still to be done, so that the record holds nothing of
    /// the present state. Returns the old state for the caller to drop outside of its lock.
    pub(crate) fn settle(&self) -> Option<Arc<T>> {
        let pair = match &*self.found.lock() {
            Found::Ops(_) => return None,
            Found::Later(pair) => pair.clone(),
        };
        drop(self.settle_with(&pair));
        Some(pair.old)
    }

    fn settle_with(&self, pair: &Pair<T>) -> (Arc<[Op]>, Option<Pair<T>>) {
        let (old, new): (&dyn Any, &dyn Any) = (&*pair.old, &*pair.new);
        let ops: Arc<[Op]> = compare(self.root, old, new, self.keeps_old).into();
        let mut found = self.found.lock();
        match std::mem::replace(&mut *found, Found::Ops(Arc::clone(&ops))) {
            Found::Later(pair) => (ops, Some(pair)),
            Found::Ops(first) => {
                *found = Found::Ops(Arc::clone(&first));
                (first, None)
            }
        }
    }
}
