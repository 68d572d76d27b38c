//! Writes of collections, with the names that they have on [`Model`].

use std::cmp::Ordering;

use sprag_runtime::Model;
use sprag_runtime::path::{
    Collection, IntoKey, List, Map, Mode, Place, Resizable, Sequence, Set, State,
};

use super::Logged;
use crate::error::WriteError;

type Item<V> = <V as Collection>::Item;
type Key<V> = <V as Collection>::Key;

/// Writes of collections. Each is in the log when it returns.
impl<T: State + Clone + Send + Sync> Logged<T> {
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
        self.write(move |now| P::Mode::__result(now.push(place.clone(), item.clone()))).await
    }

    /// Appends `items` to the list at `place`.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn extend<P>(
        &self,
        place: P,
        items: impl IntoIterator<Item = Item<P::Value>>,
    ) -> Result<(), WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: List,
        Item<P::Value>: Clone + Send,
    {
        let items: Vec<_> = items.into_iter().collect();
        self.write(move |now| P::Mode::__result(now.extend(place.clone(), items.iter().cloned())))
            .await
    }

    /// Removes and returns the last element of the list at `place`.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn pop<P>(&self, place: P) -> Result<Option<Item<P::Value>>, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: List,
        Item<P::Value>: Send,
    {
        self.write(move |now| P::Mode::__result(now.pop(place.clone()))).await
    }

    /// Inserts `item` under `key` into the map at `place`; returns the replaced item.
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
        let insert = move |now: &Model<T>| now.insert(place.clone(), key.clone(), item.clone());
        self.write(move |now| P::Mode::__result(insert(now))).await
    }

    /// Removes and returns the entry at `key` of the collection at `place`.
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
        Item<P::Value>: Send,
    {
        let key = key.into_key();
        self.write(move |now| P::Mode::__result(now.remove(place.clone(), key.clone()))).await
    }

    /// Keeps the entries of the collection at `place` that `keep` accepts. `keep` may run
    /// again.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn retain<P, F>(&self, place: P, mut keep: F) -> Result<(), WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Resizable,
        F: FnMut(<P::Value as Collection>::Entry<'_>) -> bool + Send + 'static,
    {
        self.write(move |now| P::Mode::__result(now.retain(place.clone(), &mut keep))).await
    }

    /// Adds `member` to the set at `place`; returns whether it was new.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn add<P>(
        &self,
        place: P,
        member: impl IntoKey<Key<P::Value>>,
    ) -> Result<bool, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Set,
        Key<P::Value>: Clone + Send,
    {
        let member = member.into_key();
        self.write(move |now| P::Mode::__result(now.add(place.clone(), member.clone()))).await
    }

    /// Sorts the list at `place`.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn sort<P>(&self, place: P) -> Result<(), WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Sequence,
        Item<P::Value>: Ord,
    {
        self.write(move |now| P::Mode::__result(now.sort(place.clone()))).await
    }

    /// Sorts the list at `place` by a key of each element; `key` may run again.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn sort_by_key<P, K, F>(&self, place: P, mut key: F) -> Result<(), WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Sequence,
        K: Ord,
        F: FnMut(&Item<P::Value>) -> K + Send + 'static,
    {
        self.write(move |now| P::Mode::__result(now.sort_by_key(place.clone(), &mut key))).await
    }

    /// Sorts the list at `place` by `compare`, which may run again.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn sort_by<P, F>(&self, place: P, mut compare: F) -> Result<(), WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Sequence,
        F: FnMut(&Item<P::Value>, &Item<P::Value>) -> Ordering + Send + 'static,
    {
        self.write(move |now| P::Mode::__result(now.sort_by(place.clone(), &mut compare))).await
    }

    /// Inserts `item` at `index` of the list at `place`; returns `item` if the list is
    /// shorter.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn insert_at<P>(
        &self,
        place: P,
        index: usize,
        item: Item<P::Value>,
    ) -> Result<Option<Item<P::Value>>, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: List,
        Item<P::Value>: Clone + Send,
    {
        let insert = move |now: &Model<T>| now.insert_at(place.clone(), index, item.clone());
        self.write(move |now| P::Mode::__result(insert(now))).await
    }

    /// Inserts `item` under `key` into the map at `place`; returns `item` if the key
    /// exists.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn insert_if_absent<P>(
        &self,
        place: P,
        key: impl IntoKey<Key<P::Value>>,
        item: Item<P::Value>,
    ) -> Result<Option<Item<P::Value>>, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Map,
        Key<P::Value>: Clone + Send,
        Item<P::Value>: Clone + Send,
    {
        let key = key.into_key();
        let insert =
            move |now: &Model<T>| now.insert_if_absent(place.clone(), key.clone(), item.clone());
        self.write(move |now| P::Mode::__result(insert(now))).await
    }

    /// Updates the entry at `key` of the map at `place`, or inserts one. Both functions may
    /// run again.
    ///
    /// # Errors
    ///
    /// A [`WriteError`].
    pub async fn update_or_insert<P, F, G>(
        &self,
        place: P,
        key: impl IntoKey<Key<P::Value>>,
        mut update: F,
        mut make: G,
    ) -> Result<Option<Item<P::Value>>, WriteError>
    where
        P: Place<T> + Clone + Send + 'static,
        P::Value: Map,
        Key<P::Value>: Clone + Send,
        Item<P::Value>: Clone + PartialEq + Send,
        F: FnMut(&mut Item<P::Value>) + Send + 'static,
        G: FnMut() -> Item<P::Value> + Send + 'static,
    {
        let key = key.into_key();
        let upsert = move |now: &Model<T>| {
            now.update_or_insert(place.clone(), key.clone(), &mut update, &mut make)
        };
        let mut upsert = upsert;
        self.write(move |now| P::Mode::__result(upsert(now))).await
    }
}
