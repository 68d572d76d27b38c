//! [`Transaction`]: several writes that become one commit.

use std::fmt;

use super::{Written, absent};
use crate::cell::{Draft, Edit, entry_key, removal_key};
use crate::path::{
    Access, Collection, Here, IntoKey, Map, Mode, Patch, Place, Sequence, State, Walk, entry,
};

/// The state inside [`Model::transaction`](super::Model::transaction).
///
/// It reads its own writes. Nobody else sees them before the closure has returned
/// `Ok`.
pub struct Transaction<'a, T: 'static> {
    draft: &'a mut Draft<T>,
}

impl<'a, T: State + Clone + Send + Sync> Transaction<'a, T> {
    pub(super) fn new(draft: &'a mut Draft<T>) -> Self {
        Self { draft }
    }

    /// The state with the writes so far.
    pub fn state(&self) -> &T {
        self.draft.state()
    }

    /// A clone of the value at `place`.
    pub fn get<P>(&self, place: P) -> <P::Mode as Mode>::Read<P::Value>
    where
        P: Place<T>,
        P::Value: Clone,
    {
        P::Mode::__read(place.__walk().get(self.draft.state()).cloned())
    }

    /// Sets the value at `place` and gives back the old one.
    pub fn set<P: Place<T>>(&mut self, place: P, value: P::Value) -> Written<T, P, P::Value> {
        self.update_at(place, |current| std::mem::replace(current, value))
    }

    /// Takes the value at `place` and leaves its default there.
    pub fn take<P>(&mut self, place: P) -> Written<T, P, P::Value>
    where
        P: Place<T>,
        P::Value: Default,
    {
        self.update_at(place, std::mem::take)
    }

    /// Changes the value at `place`.
    pub fn update_at<P: Place<T>, U>(
        &mut self,
        place: P,
        f: impl FnOnce(&mut P::Value) -> U,
    ) -> Written<T, P, U> {
        let walk = place.__walk();
        let Some(value) = walk.get_mut(self.draft.state_mut()) else {
            return P::Mode::__written(Err(absent(&walk)));
        };
        let result = f(value);
        self.draft.wrote(Edit::at(&walk));
        P::Mode::__written(Ok(result))
    }

    /// Merges `patch` into the root.
    pub fn patch<P: Patch<T>>(&mut self, mut patch: P) {
        if !patch.is_empty() {
            patch.__swap(self.draft.state_mut());
            self.draft.wrote(Edit::at(&Access::of::<Here<T>>(T::__SHAPE.nodes)));
        }
    }

    /// Merges `patch` into the struct at `place`.
    pub fn patch_at<P, Q>(&mut self, place: P, mut patch: Q) -> Written<T, P, ()>
    where
        P: Place<T>,
        Q: Patch<P::Value>,
    {
        let walk = place.__walk();
        let Some(target) = walk.get_mut(self.draft.state_mut()) else {
            return P::Mode::__written(Err(absent(&walk)));
        };
        if !patch.is_empty() {
            patch.__swap(target);
            self.draft.wrote(Edit::at(&walk));
        }
        P::Mode::__written(Ok(()))
    }

    /// Appends `item` to the sequence at `place`.
    pub fn push<P>(&mut self, place: P, item: <P::Value as Collection>::Item) -> Written<T, P, ()>
    where
        P: Place<T>,
        P::Value: Sequence,
    {
        let walk = place.__walk();
        let Some(items) = walk.get_mut(self.draft.state_mut()) else {
            return P::Mode::__written(Err(absent(&walk)));
        };
        let index = items.__len();
        items.__push(item);
        self.draft.wrote(Edit::at(&entry(walk, index)));
        P::Mode::__written(Ok(()))
    }

    /// Puts `item` under `key` into the map at `place`; gives back what was there.
    pub fn insert<P>(
        &mut self,
        place: P,
        key: impl IntoKey<<P::Value as Collection>::Key>,
        item: <P::Value as Collection>::Item,
    ) -> Written<T, P, Option<<P::Value as Collection>::Item>>
    where
        P: Place<T>,
        P::Value: Map,
    {
        let walk = place.__walk();
        let key = key.into_key();
        let Some(map) = walk.get_mut(self.draft.state_mut()) else {
            return P::Mode::__written(Err(absent(&walk)));
        };
        let old = map.__insert(key.clone(), item);
        let touched = entry_key(&walk, &key);
        self.draft.wrote(Edit::at(&entry(walk, key)).keyed(Some(touched)));
        P::Mode::__written(Ok(old))
    }

    /// Takes the entry at `key` out of the collection at `place`.
    pub fn remove<P>(
        &mut self,
        place: P,
        key: impl IntoKey<<P::Value as Collection>::Key>,
    ) -> Written<T, P, Option<<P::Value as Collection>::Item>>
    where
        P: Place<T>,
        P::Value: Collection,
    {
        let walk = place.__walk();
        let key = key.into_key();
        let Some(collection) = walk.get_mut(self.draft.state_mut()) else {
            return P::Mode::__written(Err(absent(&walk)));
        };
        let removed = collection.__remove(&key);
        if removed.is_some() {
            let touched = removal_key(&walk, &key);
            self.draft.wrote(Edit::at(&entry(walk, key)).keyed(touched));
        }
        P::Mode::__written(Ok(removed))
    }
}

impl<T: fmt::Debug + Clone> fmt::Debug for Transaction<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Transaction").field(self.draft.state()).finish()
    }
}
