//! The writes of one place, as [`Model`](sprag_runtime::Model) has them.

use sprag_runtime::Transaction;
use sprag_runtime::error::Absent;
use sprag_runtime::path::{
    Collection, IntoKey, List, Map, Mode, PatchDiff, Place, Resizable, State,
};

use super::{Logged, flat};
use crate::error::WriteError;

type Item<V> = <V as Collection>::Item;
type Key<V> = <V as Collection>::Key;

/// Writes of one place. Each is in the log when it returns, and fails with a [`WriteError`];
/// with [`WriteError::Absent`] where the place is not there.
impl<T: State + Clone + Send + Sync> Logged<T> {
    /// Sets the value at `place` and gives back the old one.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn set<P>(&self, place: P, value: P::Value) -> Result<P::Value, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Clone + PartialEq + Send,
    {
        self.write(move |tx| P::Mode::__result(tx.set(place.clone(), value.clone()))).await
    }

    /// Changes the value at `place`; `f` may run again, as in [`transact`](Self::transact).
    /// What it returned last comes back.
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
        self.write(move |tx| P::Mode::__result(tx.update_at(place.clone(), &mut f))).await
    }

    /// Merges `patch` into the root: the fields that it names are replaced.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn patch<Q>(&self, patch: Q) -> Result<(), WriteError>
    where
        Q: PatchDiff<T> + Clone + Send + 'static,
    {
        self.write(move |tx| {
            tx.patch(patch.clone());
            Ok(())
        })
        .await
    }

    /// Merges `patch` into the struct at `place`.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn patch_at<P, Q>(&self, place: P, patch: Q) -> Result<(), WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        Q: PatchDiff<P::Value> + Clone + Send + 'static,
    {
        self.write(move |tx| P::Mode::__result(tx.patch_at(place.clone(), patch.clone()))).await
    }

    /// Appends `item` to the list at `place`.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn push<P>(&self, place: P, item: Item<P::Value>) -> Result<(), WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: List,
        Item<P::Value>: Clone + Send,
    {
        self.write(move |tx| P::Mode::__result(tx.push(place.clone(), item.clone()))).await
    }

    /// Takes the last element out of the list at `place`.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn pop<P>(&self, place: P) -> Result<Option<Item<P::Value>>, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: List,
        Item<P::Value>: Clone + Send,
    {
        self.write(move |tx| P::Mode::__result(tx.pop(place.clone()))).await
    }

    /// Puts `item` under `key` into the map at `place`; gives back what was there.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn insert<P>(
        &self,
        place: P,
        key: impl IntoKey<Key<P::Value>>,
        item: Item<P::Value>,
    ) -> Result<Option<Item<P::Value>>, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Map,
        Key<P::Value>: Clone + Send,
        Item<P::Value>: Clone + PartialEq + Send,
    {
        let key = key.into_key();
        self.write(move |tx| P::Mode::__result(tx.insert(place.clone(), key.clone(), item.clone())))
            .await
    }

    /// Takes the entry at `key` out of the collection at `place`.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn remove<P>(
        &self,
        place: P,
        key: impl IntoKey<Key<P::Value>>,
    ) -> Result<Option<Item<P::Value>>, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Resizable,
        Key<P::Value>: Clone + Send,
        Item<P::Value>: Clone + Send,
    {
        let key = key.into_key();
        self.write(move |tx| P::Mode::__result(tx.remove(place.clone(), key.clone()))).await
    }

    async fn write<U, F>(&self, mut f: F) -> Result<U, WriteError>
    where
        F: FnMut(&mut Transaction<'_, T>) -> Result<U, Absent> + Send + 'static,
        U: Send + 'static,
    {
        flat(self.transact(move |tx| f(tx).map_err(WriteError::Absent)).await)
    }
}
