//! Changesets that arrive as data and become writes to the log.

use sprag_runtime::error::{ApplyError, ApplyIfError};
use sprag_runtime::path::State;
use sprag_runtime::{Changeset, Model, Origins};

use super::Logged;
use crate::error::TransactError;

/// Changes as data: applied.
impl<T: State + Clone + Send + Sync> Logged<T> {
    /// Applies `set` as one write, and returns the version at which every process's state
    /// includes the write.
    ///
    /// The write has this handle's origin, or if it has none, the origins of the changeset.
    /// An entry is appended even if nothing differs.
    ///
    /// # Errors
    ///
    /// [`TransactError::Refused`] with the [`ApplyError`] if the changeset does not match
    /// the state; otherwise a [`WriteError`](crate::WriteError).
    pub async fn apply(&self, set: Changeset) -> Result<u64, TransactError<ApplyError>> {
        let by = set.by.clone();
        self.apply_by(by, move |now| now.apply(&set).map(drop)).await
    }

    /// Like [`apply`](Self::apply), if `now` accepts the state before the ops and `next`
    /// the state after them.
    ///
    /// Both run in the committer, on the state of the log with the waiting writes, so no
    /// other write comes between the checks and the entry. Both run again if another
    /// process was first.
    ///
    /// # Errors
    ///
    /// [`TransactError::Refused`] with the [`ApplyIfError`]: the error of a check, or of
    /// ops that do not match. Otherwise a [`WriteError`](crate::WriteError).
    pub async fn apply_if<E>(
        &self,
        set: Changeset,
        mut now: impl FnMut(&T) -> Result<(), E> + Send + 'static,
        mut next: impl FnMut(&T) -> Result<(), E> + Send + 'static,
    ) -> Result<u64, TransactError<ApplyIfError<E>>>
    where
        E: Send + 'static,
    {
        let by = set.by.clone();
        self.apply_by(by, move |draft| draft.apply_if(&set, &mut now, &mut next).map(drop)).await
    }

    async fn apply_by<E: Send + 'static>(
        &self,
        by: Origins,
        write: impl FnMut(&Model<T>) -> Result<(), E> + Send + 'static,
    ) -> Result<u64, TransactError<E>> {
        let (mut job, answer) = self.job(write);
        if job.by.is_empty() {
            job.by = by;
        }
        self.send(job, answer).await.map(|((), version)| version)
    }
}
