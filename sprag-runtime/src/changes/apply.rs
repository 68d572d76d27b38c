//! `apply`: makes a changeset on a state, as one commit.

use std::any::Any;
use std::convert::Infallible;
use std::sync::Arc;

use super::changeset::Changeset;
use super::plan::{Refusal, plan};
use crate::cell::origin::Origin;
use crate::cell::{Cell, Draft, Edit};
use crate::delta::{Failure, Known, Step};
use crate::error::{ApplyError, ApplyIfError};

/// A changeset on its way to a state.
pub(super) struct Application<'a> {
    pub(super) root: Known,
    pub(super) set: &'a Changeset,
    /// The version that the state must be at, if one is given.
    pub(super) at: Option<u64>,
    /// The origin of the commit, before the one that the changeset names.
    pub(super) origin: Option<&'a Origin>,
}

impl Application<'_> {
    /// Makes the changeset as one commit. Returns the version that the commit made.
    pub(super) fn make<T>(self, cell: &Arc<Cell<T>>) -> Result<u64, ApplyError>
    where
        T: Clone + Send + Sync + 'static,
    {
        let made = self.make_if(cell, |_| Ok(()), |_| Ok::<(), Infallible>(()));
        made.map_err(|error| match error {
            ApplyIfError::Apply(error) => error,
            ApplyIfError::Refused(never) => match never {},
        })
    }

    /// The same, unless `now` refuses the state before the ops, or `next` the one after.
    pub(super) fn make_if<T, E>(
        self,
        cell: &Arc<Cell<T>>,
        now: impl FnOnce(&T) -> Result<(), E>,
        next: impl FnOnce(&T) -> Result<(), E>,
    ) -> Result<u64, ApplyIfError<E>>
    where
        T: Clone + Send + Sync + 'static,
    {
        let Self { root, set, at, origin } = self;
        // What the lock must not drop stays in this frame: replaced values, captures.
        let (mut draft, mut made) = (Draft::default(), Vec::with_capacity(set.ops.len()));
        let (mut checks, mut outcome) = (Some((now, next)), Ok(()));
        let named = set.by.as_ref().map(|(tag, number)| Origin::new(&**tag, *number));
        let writer = cell.writer(origin.or(named.as_ref()));
        let version = writer.write_at(at, &mut draft, |state, draft| {
            outcome = checks.take().map_or(Ok(()), |(now, next)| {
                now(state).map_err(ApplyIfError::Refused)?;
                draft.begin(state);
                draft.record();
                make(root, set, draft, &mut made)?;
                next(draft.state()).map_err(ApplyIfError::Refused)
            });
            outcome.is_ok()
        });
        outcome?;
        match version {
            Ok(version) => Ok(version.unwrap_or_default()),
            Err(version) => Err(ApplyError::Version { from: set.from, version }.into()),
        }
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
