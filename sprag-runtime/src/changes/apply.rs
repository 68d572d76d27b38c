//! `apply`: applies a changeset to a state, as one commit.

use std::convert::Infallible;
use std::sync::Arc;

use super::changeset::Changeset;
use super::plan::{PlanRefusal, Surplus, plan};
use crate::cell::Cell;
use crate::cell::origin::Origin;
use crate::cell::transaction::InPlace;
use crate::cell::writer::Writer;
use crate::delta::{DeltaStep, Known, StepFailure};
use crate::error::{ApplyError, ApplyIfError};

/// The versions before and after a changeset, if its author determines them.
#[derive(Clone, Copy, Default)]
pub(super) struct Versions {
    /// The version that the state must be at.
    pub(super) at: Option<u64>,
    /// The version that the commit makes, instead of the next one.
    pub(super) to: Option<u64>,
}

/// A changeset to be applied to a state.
pub(super) struct AppliedChangeset<'a> {
    pub(super) root: Known,
    pub(super) set: &'a Changeset,
    pub(super) versions: Versions,
    /// The origin of the commit, instead of those in the changeset.
    pub(super) origin: Option<&'a Origin>,
    pub(super) surplus: Surplus,
}

impl AppliedChangeset<'_> {
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

    /// Makes the ops, unless `now` refuses the state before them, or `next` the one after.
    pub(super) fn make_if<T, E>(
        self,
        cell: &Arc<Cell<T>>,
        now: impl FnOnce(&T) -> Result<(), E>,
        next: impl FnOnce(&T) -> Result<(), E>,
    ) -> Result<u64, ApplyIfError<E>>
    where
        T: Clone + Send + Sync + 'static,
    {
        let Self { root, set, versions, origin, surplus } = self;
        let origins = origin.map_or(&*set.by, std::slice::from_ref);
        let applied = cell.writer(origins).transact(|version, mut state| {
            let from = versions.at.unwrap_or(version);
            let skipped = versions.to.unwrap_or(version + 1).checked_sub(version + 1);
            let Some(skipped) = skipped.filter(|_| from == version) else {
                return Err(ApplyError::Version { from, version }.into());
            };
            state.skip_versions(skipped);
            now(state.state()).map_err(ApplyIfError::Refused)?;
            state.commit_anyway();
            make_ops(&mut state, root, set, surplus)?;
            next(state.state()).map_err(ApplyIfError::Refused)
        });
        applied.map(|((), version)| version.unwrap_or_default())
    }
}

/// Makes the ops of `set`, up to the first that does not fit.
pub(super) fn make_ops<T: Clone + Send + Sync + 'static>(
    state: &mut InPlace<'_, T>,
    root: Known,
    set: &Changeset,
    surplus: Surplus,
) -> Result<(), ApplyError> {
    for (index, op) in set.ops.iter().enumerate() {
        if !set.found.is_there(index, state.state()) {
            return Err(PlanRefusal::of(StepFailure::Changed, op.place()).at(index));
        }
        let step = plan(root, op, state.state(), surplus).map_err(|refusal| refusal.at(index))?;
        let Some(step) = step else { continue };
        let refusal = |failure| PlanRefusal::of(failure, op.place()).at(index);
        state.step(root, step).map_err(refusal)?;
    }
    Ok(())
}

/// Makes steps as one commit, all or none. The error is the number of the step that could
/// not be made.
pub(super) fn make_steps<T: Clone + Send + Sync + 'static>(
    writer: Writer<'_, T>,
    root: Known,
    steps: Vec<DeltaStep>,
) -> Result<u64, usize> {
    let made = writer.transact(|_, mut state| {
        state.commit_anyway();
        let mut steps = steps.into_iter().enumerate();
        steps.try_for_each(|(index, step)| state.step(root, step).map_err(|_| index))
    });
    made.map(|((), version)| version.unwrap_or_default())
}
