//! Writes of one place and of the whole state, with the names that they have on [`Model`].

use sprag_runtime::Model;
use sprag_runtime::error::Absent;
use sprag_runtime::path::{Mode, PatchDiff, Place, State};

use super::{Logged, flat};
use crate::error::{TransactError, WriteError};

/// Writes of one place. Each is in the log when it returns. It fails with a [`WriteError`],
/// which is [`WriteError::Absent`] if the place does not exist.
impl<T: State + Clone + Send + Sync> Logged<T> {
    /// Sets the value at `place` and returns the old one.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn set<P>(&self, place: P, value: P::Value) -> Result<P::Value, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Clone + PartialEq + Send,
    {
        self.write(move |now| P::Mode::__result(now.set(place.clone(), value.clone()))).await
    }

    /// Sets the value at `place` if it equals `expected`; returns whether it did.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn compare_and_set<P>(
        &self,
        place: P,
        expected: P::Value,
        value: P::Value,
    ) -> Result<bool, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Clone + PartialEq + Send,
    {
        self.write(move |now| Ok(now.compare_and_set(place.clone(), &expected, value.clone())))
            .await
    }

    /// Takes the value at `place` and leaves its default there.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn take<P>(&self, place: P) -> Result<P::Value, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Clone + PartialEq + Default + Send,
    {
        self.write(move |now| P::Mode::__result(now.take(place.clone()))).await
    }

    /// Changes the value at `place`, and returns the result of `f`. `f` may run again, as
    /// in [`transact`](Self::transact); the last result counts.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn update_at<P, U, F>(&self, place: P, mut f: F) -> Result<U, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Clone + PartialEq,
        F: FnMut(&mut P::Value) -> U + Send + 'static,
        U: Send + 'static,
    {
        self.write(move |now| P::Mode::__result(now.update_at(place.clone(), &mut f))).await
    }

    /// Merges `patch` into the root: the fields that it names are replaced. A patch can be cloned if
    /// all its fields can.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn patch<Q>(&self, patch: Q) -> Result<(), WriteError>
    where
        Q: PatchDiff<T> + Clone + Send + 'static,
    {
        self.write(move |now| {
            now.patch(patch.clone());
            Ok(())
        })
        .await
    }

    /// Merges `patch` into the struct at `place`; the patch is cloned, as by
    /// [`patch`](Self::patch).
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn patch_at<P, Q>(&self, place: P, patch: Q) -> Result<(), WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        Q: PatchDiff<P::Value> + Clone + Send + 'static,
    {
        self.write(move |now| P::Mode::__result(now.patch_at(place.clone(), patch.clone()))).await
    }

    pub(super) async fn write<U, F>(&self, mut write: F) -> Result<U, WriteError>
    where
        F: FnMut(&Model<T>) -> Result<U, Absent> + Send + 'static,
        U: Send + 'static,
    {
        let (job, answer) = self.job(move |now| write(now).map_err(WriteError::Absent));
        flat(self.send(job, answer).await.map(|(result, _)| result))
    }
}

/// Writes of the whole state. Each works on a clone and compares the clone with the state,
/// which costs O(state) twice. Only the differences are logged.
impl<T: State + Clone + Send + Sync> Logged<T> {
    /// Changes the state, and returns the result of `f`. `f` may run again, as in
    /// [`transact`](Self::transact); the last result counts.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn update<U, F>(&self, mut f: F) -> Result<U, WriteError>
    where
        F: FnMut(&mut T) -> U + Send + 'static,
        U: Send + 'static,
    {
        self.write(move |now| Ok(now.update(&mut f))).await
    }

    /// Like [`update`](Self::update); writes nothing if `f` fails.
    ///
    /// # Errors
    ///
    /// [`TransactError::Refused`] with the error of `f`; otherwise a [`WriteError`].
    pub async fn try_update<U, E, F>(&self, mut f: F) -> Result<U, TransactError<E>>
    where
        F: FnMut(&mut T) -> Result<U, E> + Send + 'static,
        U: Send + 'static,
        E: Send + 'static,
    {
        let (job, answer) = self.job(move |now| now.try_update(&mut f));
        self.send(job, answer).await.map(|(result, _)| result)
    }

    /// Replaces the state.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn replace(&self, state: T) -> Result<(), WriteError> {
        self.write(move |now| {
            now.replace(state.clone());
            Ok(())
        })
        .await
    }

    /// Replaces the state by the one with which the log began: the argument of the process that
    /// wrote the first entry, as this process's type reads it. The argument of this process is used
    /// for nothing, so a reset has one meaning in all processes.
    ///
    /// Each snapshot keeps that state as JSON, which a reset reads: the cost is that of its size, in
    /// addition.
    ///
    /// # Errors
    ///
    /// A [`WriteError`]: [`WriteError::Initial`] if serde does not read the state any more.
    pub async fn reset(&self) -> Result<(), WriteError> {
        let unread = |error: serde_json::Error| {
            let (name, reason) = (self.name().to_owned(), error.to_string());
            WriteError::Initial { name, reason }
        };
        self.replace(self.initial.read().map_err(unread)?).await
    }
}
