//! Writes of entries that depend on the present ones: `insert_at`, `insert_if_absent` and
//! `update_or_insert`, on a model and in a transaction.

use super::entry_writes::entry_writes;
use super::{Item, Key, Model, Transaction, Written};
use crate::cell::{InsertAt, InsertIfAbsent, Upsert};
use crate::path::{IntoKey, List, Map, Place, State};

entry_writes! {
    /// Inserts `item` into the list at `place`, before the element at `index`; an index
    /// equal to the length appends.
    ///
    /// Returns the item if the list is shorter than `index`; nothing is written then. The
    /// later elements move up by one index, at the cost of the list's own `insert`.
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
    open
    /// tv.extend(Tv::PATHS.queue, ["alien.mp4".into(), "brazil.mp4".into()]);
    /// assert_eq!(tv.insert_at(Tv::PATHS.queue, 0, "trailer.mp4".into()), None);
    /// assert_eq!(tv.get(Tv::PATHS.queue.at(0)).as_deref(), Some("trailer.mp4"));
    /// assert!(tv.insert_at(Tv::PATHS.queue, 7, "late.mp4".into()).is_some());
    close
    fn insert_at[](place, index: usize, item: Item<T, P>) -> Option<Item<T, P>>
    where [P::Value: List] {
        InsertAt::of(index, item)
    }

    /// Inserts `item` under `key` into the map at `place`, unless the map has that key.
    ///
    /// Returns the item if the map has the key; nothing is written then.
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
    open
    /// assert_eq!(tv.insert_if_absent(Tv::PATHS.seen, 7, 1), None);
    /// assert_eq!(tv.insert_if_absent(Tv::PATHS.seen, 7, 2), Some(2)); // there is one
    /// assert_eq!(tv.get(Tv::PATHS.seen.key(7)), Some(1));
    close
    fn insert_if_absent[](
        place,
        key: impl IntoKey<Key<T, P>>,
        item: Item<T, P>,
    ) -> Option<Item<T, P>>
    where [P::Value: Map] {
        InsertIfAbsent::of(key.into_key(), item)
    }

    /// Changes the value under `key` in the map at `place` with `update`, or inserts the
    /// value of `make`; returns the old value.
    ///
    /// One of the closures runs, under the model's lock; `update` receives a clone of the
    /// value. If the closure panics, nothing is written.
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
    open
    /// for title in [7, 8, 7] {
    ///     tv.update_or_insert(Tv::PATHS.seen, title, |count| *count += 1, || 1);
    /// }
    /// assert_eq!(tv.get(Tv::PATHS.seen.key(7)), Some(2));
    close
    fn update_or_insert[](
        place,
        key: impl IntoKey<Key<T, P>>,
        update: impl FnOnce(&mut Item<T, P>),
        make: impl FnOnce() -> Item<T, P>,
    ) -> Option<Item<T, P>>
    where [P::Value: Map, Item<T, P>: PartialEq + Clone] {
        Upsert::comparing(key.into_key(), update, make)
    }
}
