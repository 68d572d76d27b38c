//! `apply`: makes a changeset on a state, as one commit.

use std::any::Any;
use std::sync::Arc;

use super::changeset::Changeset;
use super::plan::{Refusal, plan};
use crate::cell::origin::Origin;
use crate::cell::{Cell, Draft, Edit};
use crate::delta::{Failure, Known, Step};
use crate::error::ApplyError;

/// Applies `set` as one commit, if the state is at version `at`, where one is given.
/// Returns the version that the commit made.
pub(crate) fn apply<T: Clone + Send + Sync + 'static>(
    cell: &Arc<Cell<T>>,
    root: Known,
    set: &Changeset,
    at: Option<u64>,
) -> Result<u64, ApplyError> {
    // The replaced values stay in this frame, so that they are dropped after the lock.
    let (mut draft, mut made) = (Draft::default(), Vec::with_capacity(set.ops.len()));
    let mut outcome = Ok(());
    let origin = set.by.as_ref().map(|(tag, number)| Origin::new(&**tag, *number));
    let version = cell.writer(origin.as_ref()).write_at(at, &mut draft, |state, draft| {
        draft.begin(state);
        draft.record();
        outcome = make(root, set, draft, &mut made);
        outcome.is_ok()
    });
    outcome?;
    match version {
        Ok(version) => Ok(version.unwrap_or_default()),
        Err(version) => Err(ApplyError::Version { from: set.from, version }),
    }
}

/// Makes steps as one commit, all or none. The error is the step that could not be made.
pub(super) fn make_steps<T: Clone + Send + Sync + 'static>(
    cell: &Arc<Cell<T>>,
    steps: &mut [Step],
) -> Result<u64, (usize, Failure)> {
    let (mut draft, mut outcome) = (Draft::default(), Ok(()));
    let version = cell.writer(None).write_with(&mut draft, |state, draft| {
        draft.begin(state);
        draft.record();
        outcome = steps.iter_mut().enumerate().try_for_each(|(index, step)| {
            let edit = Edit::of_step(step);
            step.make(draft.state_mut()).map_err(|failure| (index, failure))?;
            draft.wrote(edit);
            Ok(())
        });
        outcome.is_ok()
    });
    outcome.map(|()| version.unwrap_or_default())
}

/// Makes all ops on the draft, up to the first that does not fit.
fn make<T: Clone + Send + Sync + 'static>(
    root: Known,
    set: &Changeset,
    draft: &mut Draft<T>,
    made: &mut Vec<Step>,
) -> Result<(), ApplyError> {
    for (index, op) in set.ops.iter().enumerate() {
        let state: &mut dyn Any = draft.state_mut();
        let mut step = plan(root, op, state).map_err(|refusal| refusal.at(index))?;
        let edit = Edit::of_step(&step);
        step.make(state).map_err(|failure| Refusal::of(failure, op.place()).at(index))?;
        made.push(step);
        draft.wrote(edit);
    }
    Ok(())
}
