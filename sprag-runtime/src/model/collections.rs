//! The writes of a collection's entries, on a model and in a transaction.

use std::cmp::Ordering;

use smallvec::smallvec;

use super::entry_writes::entry_writes;
use super::{Item, Key, Model, Transaction, Written};
use crate::cell::{Append, At, Insert, Operation, Remove, Retain, Sort};
use crate::path::{Collection, IntoKey, List, Map, Mode, Place, Resizable, Sequence, State};

entry_writes! {
    /// Appends `item` to the list at `place`.
    ///
    /// Notifies the subscribers of the list, of the places that contain the list, and of
    /// the new element's index. Subscribers of other elements cost nothing.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, String> }
    /// # let tv = create_model("tv", Tv::default());
    open
    /// tv.push(Tv::PATHS.queue, "alien.mp4".into());
    /// assert_eq!(tv.get(Tv::PATHS.queue.at(0)).as_deref(), Some("alien.mp4"));
    close
    fn push[](place, item: Item<T, P>) -> ()
    where [P::Value: List] {
        Append::of(smallvec![item])
    }

    /// Appends `items` to the list at `place`, in one commit. Without items nothing is
    /// written.
    ///
    /// The iterator is consumed first: on a model, before the lock is taken.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String> }
    /// # let tv = create_model("tv", Tv { queue: vec!["brazil.mp4".into(), "alien.mp4".into()] });
    open
    /// tv.extend(Tv::PATHS.queue, ["cube.mp4".into(), "dune.mp4".into()]);
    /// assert_eq!(tv.get(Tv::PATHS.queue).len(), 4);
    close
    fn extend[](place, items: impl IntoIterator<Item = Item<T, P>>) -> ()
    where [P::Value: List] {
        Append::of(items.into_iter().collect())
    }

    /// Removes and returns the last element of the list at `place`. If the list is empty,
    /// nothing is written.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String> }
    /// # let tv = create_model("tv", Tv { queue: vec!["brazil.mp4".into(), "alien.mp4".into()] });
    open
    /// assert_eq!(tv.pop(Tv::PATHS.queue).as_deref(), Some("alien.mp4"));
    close
    fn pop[](place) -> Option<Item<T, P>>
    where [P::Value: List] in transactions [Item<T, P>: Clone] {
        Remove::last()
    }

    /// Inserts `item` under `key` into the map at `place`; returns the replaced item.
    ///
    /// The entry may be absent, unlike with [`set`](Self::set) of its place. Subscribers of
    /// other keys cost nothing. An existing key is kept.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, String> }
    /// # let tv = create_model("tv", Tv::default());
    open
    /// let before = tv.insert(Tv::PATHS.seen, 7, "Alien".into());
    /// let replaced = tv.insert(Tv::PATHS.seen, 7, "Aliens".into());
    /// assert_eq!((before, replaced.as_deref()), (None, Some("Alien")));
    close
    fn insert[](place, key: impl IntoKey<Key<T, P>>, item: Item<T, P>) -> Option<Item<T, P>>
    where [P::Value: Map, Item<T, P>: PartialEq] in transactions [Item<T, P>: Clone] {
        Insert::comparing(key.into_key(), item)
    }

    /// Removes and returns the entry at `key` of the collection at `place`. If there is
    /// none, nothing is written.
    ///
    /// In a list the later elements move down by one index, which costs O(n), and the
    /// subscribers of their indices are matched.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, String> }
    /// # let tv = create_model("tv", Tv::default());
    open
    /// tv.push(Tv::PATHS.queue, "alien.mp4".into());
    /// assert_eq!(tv.remove(Tv::PATHS.queue, 0).as_deref(), Some("alien.mp4"));
    /// assert_eq!(tv.remove(Tv::PATHS.seen, 7), None);
    close
    fn remove[](place, key: impl IntoKey<Key<T, P>>) -> Option<Item<T, P>>
    where [P::Value: Resizable] in transactions [Item<T, P>: Clone] {
        Remove::at(key.into_key())
    }

    /// Keeps the entries of the collection at `place` for which `keep` returns `true`, in
    /// one commit. If `keep` returns `true` for all, nothing is written.
    ///
    /// `keep` receives each entry as an item of the collection's `iter`: an element, or a
    /// key with its value: `tv.retain(Tv::PATHS.users, |(id, user)| user.age > 17)`.
    ///
    /// `keep` runs under the lock, so it must not use this model. If `keep` panics, nothing
    /// is changed. Costs O(n); the removed entries are dropped after the lock.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String> }
    /// # let tv = create_model("tv", Tv { queue: vec!["brazil.mp4".into(), "alien.mp4".into()] });
    open
    /// tv.retain(Tv::PATHS.queue, |file| file.starts_with('a'));
    /// assert_eq!(tv.get(Tv::PATHS.queue), ["alien.mp4"]);
    close
    fn retain[](place, keep: impl FnMut(<P::Value as Collection>::Entry<'_>) -> bool) -> ()
    where [P::Value: Resizable] {
        Retain::by(keep)
    }

    /// Sorts the sequence at `place`; equal elements keep their order. The cost is that of
    /// [`sort_by`](Self::sort_by).
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String> }
    /// # let tv = create_model("tv", Tv { queue: vec!["brazil.mp4".into(), "alien.mp4".into()] });
    open
    /// tv.sort(Tv::PATHS.queue);
    /// assert_eq!(tv.get(Tv::PATHS.queue), ["alien.mp4", "brazil.mp4"]);
    close
    fn sort[](place) -> ()
    where [P::Value: Sequence, Item<T, P>: Ord] {
        Sort::by(<Item<T, P> as Ord>::cmp)
    }

    /// Sorts the sequence at `place` by the key that `key` returns for an element. The cost is
    /// that of [`sort_by`](Self::sort_by).
    ///
    /// `key` is called twice for each comparison.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String> }
    /// # let tv = create_model("tv", Tv { queue: vec!["brazil.mp4".into(), "alien.mp4".into()] });
    open
    /// tv.sort_by_key(Tv::PATHS.queue, |file| file.len());
    /// assert_eq!(tv.get(Tv::PATHS.queue), ["alien.mp4", "brazil.mp4"]);
    close
    fn sort_by_key[K: Ord](place, mut key: impl FnMut(&Item<T, P>) -> K) -> ()
    where [P::Value: Sequence] {
        Sort::by(|a: &Item<T, P>, b: &Item<T, P>| key(a).cmp(&key(b)))
    }

    /// Sorts the sequence at `place`, in one commit; elements that are equal by `compare`
    /// keep their order. If no element moves, nothing is written.
    ///
    /// The subscribers of an index are notified if the value there has changed. `compare`
    /// runs under the lock, so it must not use this model. If `compare` panics, nothing is
    /// changed. Costs O(n log n), and moves elements without cloning them.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String> }
    /// # let tv = create_model("tv", Tv { queue: vec!["brazil.mp4".into(), "alien.mp4".into()] });
    open
    /// tv.sort_by(Tv::PATHS.queue, |a, b| a.len().cmp(&b.len()));
    /// assert_eq!(tv.get(Tv::PATHS.queue), ["alien.mp4", "brazil.mp4"]);
    close
    fn sort_by[](place, compare: impl FnMut(&Item<T, P>, &Item<T, P>) -> Ordering) -> ()
    where [P::Value: Sequence] {
        Sort::by(compare)
    }
}

impl<T: State + Clone + Send + Sync> Model<T> {
    /// Makes `operation` on the collection at `place`.
    pub(super) fn run<P, O>(&self, place: P, operation: O) -> Written<T, P, O::Output>
    where
        P: Place<T>,
        P::Value: Collection,
        O: Operation<P::Value>,
    {
        let mut at = At::new(place.__walk(), operation);
        self.writer().write(&mut at);
        P::Mode::__written(at.finish())
    }
}
