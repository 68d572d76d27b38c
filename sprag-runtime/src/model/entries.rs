//! Writes of entries that look first: `insert_at`, `insert_if_absent` and
//! `update_or_insert`, of a model and of a transaction.

use super::{Model, Transaction, Written};
use crate::cell::{InsertAt, InsertIfAbsent, Upsert};
use crate::path::{Collection, IntoKey, List, Map, Place, State};

/// The type of an entry at the place `P` of a `T`.
type Item<T, P> = <<P as Place<T>>::Value as Collection>::Item;

/// The type of a key at the place `P` of a `T`.
type Key<T, P> = <<P as Place<T>>::Value as Collection>::Key;

impl<T: State + Clone + Send + Sync> Model<T> {
    /// Inserts `item` into the list at `place`, before the element at `index`; an index
    /// equal to the length appends.
    ///
    /// The item comes back where the list is shorter than `index`. Nothing is committed then. The later
    /// elements move down, at the cost of the list's own `insert`.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, u32> }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.extend(Tv::PATHS.queue, ["alien.mp4".into(), "brazil.mp4".into()]);
    /// assert_eq!(tv.insert_at(Tv::PATHS.queue, 0, "trailer.mp4".into()), None);
    /// assert_eq!(tv.get(Tv::PATHS.queue.at(0)).as_deref(), Some("trailer.mp4"));
    /// assert!(tv.insert_at(Tv::PATHS.queue, 7, "late.mp4".into()).is_some());
    /// ```
    pub fn insert_at<P>(
        &self,
        place: P,
        index: usize,
        item: Item<T, P>,
    ) -> Written<T, P, Option<Item<T, P>>>
    where
        P: Place<T>,
        P::Value: List,
    {
        self.run(place, InsertAt::of(index, item))
    }

    /// Puts `item` under `key` into the map at `place`, unless the map has that key.
    ///
    /// The item comes back where the map has the key. Nothing is committed then.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, u32> }
    /// # let tv = create_model("tv", Tv::default());
    /// assert_eq!(tv.insert_if_absent(Tv::PATHS.seen, 7, 1), None);
    /// assert_eq!(tv.insert_if_absent(Tv::PATHS.seen, 7, 2), Some(2)); // there is one
    /// assert_eq!(tv.get(Tv::PATHS.seen.key(7)), Some(1));
    /// ```
    pub fn insert_if_absent<P>(
        &self,
        place: P,
        key: impl IntoKey<Key<T, P>>,
        item: Item<T, P>,
    ) -> Written<T, P, Option<Item<T, P>>>
    where
        P: Place<T>,
        P::Value: Map,
    {
        self.run(place, InsertIfAbsent::of(key.into_key(), item))
    }

    /// Changes the value under `key` in the map at `place` by `update`, or puts the
    /// value of `make` there; returns the value that was there.
    ///
    /// One of the closures runs, under the model's lock, `update` on a clone of the
    /// value. Where it panics, nothing is written.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, u32> }
    /// # let tv = create_model("tv", Tv::default());
    /// for title in [7, 8, 7] {
    ///     tv.update_or_insert(Tv::PATHS.seen, title, |count| *count += 1, || 1);
    /// }
    /// assert_eq!(tv.get(Tv::PATHS.seen.key(7)), Some(2));
    /// ```
    pub fn update_or_insert<P>(
        &self,
        place: P,
        key: impl IntoKey<Key<T, P>>,
        update: impl FnOnce(&mut Item<T, P>),
        make: impl FnOnce() -> Item<T, P>,
    ) -> Written<T, P, Option<Item<T, P>>>
    where
        P: Place<T>,
        P::Value: Map,
        Item<T, P>: PartialEq + Clone,
    {
        self.run(place, Upsert::comparing(key.into_key(), update, make))
    }
}

impl<T: State + Clone + Send + Sync> Transaction<'_, T> {
    /// Inserts `item` into the list at `place`, before the element at `index`; an index
    /// equal to the length appends.
    ///
    /// The item comes back where the list is shorter than `index`. The later
    /// elements move down, at the cost of the list's own `insert`.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, u32> }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     tx.extend(Tv::PATHS.queue, ["alien.mp4".into(), "brazil.mp4".into()]);
    ///     assert_eq!(tx.insert_at(Tv::PATHS.queue, 0, "trailer.mp4".into()), None);
    ///     assert_eq!(tx.get(Tv::PATHS.queue.at(0)).as_deref(), Some("trailer.mp4"));
    ///     assert!(tx.insert_at(Tv::PATHS.queue, 7, "late.mp4".into()).is_some());
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn insert_at<P>(
        &mut self,
        place: P,
        index: usize,
        item: Item<T, P>,
    ) -> Written<T, P, Option<Item<T, P>>>
    where
        P: Place<T>,
        P::Value: List,
    {
        self.run(place, InsertAt::of(index, item))
    }

    /// Puts `item` under `key` into the map at `place`, unless the map has that key.
    ///
    /// The item comes back where the map has the key.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, u32> }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     assert_eq!(tx.insert_if_absent(Tv::PATHS.seen, 7, 1), None);
    ///     assert_eq!(tx.insert_if_absent(Tv::PATHS.seen, 7, 2), Some(2)); // there is one
    ///     assert_eq!(tx.get(Tv::PATHS.seen.key(7)), Some(1));
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn insert_if_absent<P>(
        &mut self,
        place: P,
        key: impl IntoKey<Key<T, P>>,
        item: Item<T, P>,
    ) -> Written<T, P, Option<Item<T, P>>>
    where
        P: Place<T>,
        P::Value: Map,
    {
        self.run(place, InsertIfAbsent::of(key.into_key(), item))
    }

    /// Changes the value under `key` in the map at `place` by `update`, or puts the
    /// value of `make` there; returns the value that was there.
    ///
    /// One of the closures runs, under the model's lock, `update` on a clone of the
    /// value. Where it panics, nothing is written.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, u32> }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.transaction(|tx| {
    ///     for title in [7, 8, 7] {
    ///         tx.update_or_insert(Tv::PATHS.seen, title, |count| *count += 1, || 1);
    ///     }
    ///     assert_eq!(tx.get(Tv::PATHS.seen.key(7)), Some(2));
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn update_or_insert<P>(
        &mut self,
        place: P,
        key: impl IntoKey<Key<T, P>>,
        update: impl FnOnce(&mut Item<T, P>),
        make: impl FnOnce() -> Item<T, P>,
    ) -> Written<T, P, Option<Item<T, P>>>
    where
        P: Place<T>,
        P::Value: Map,
        Item<T, P>: Clone + PartialEq,
    {
        self.run(place, Upsert::comparing(key.into_key(), update, make))
    }
}
