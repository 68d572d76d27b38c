//! The writes of a collection's entries.

use std::cmp::Ordering;

use smallvec::smallvec;

use super::{Model, Written};
use crate::cell::{Append, At, Insert, Operation, Remove, Retain, Sort};
use crate::path::{Collection, IntoKey, List, Map, Mode, Place, Resizable, Sequence, State};

impl<T: State + Clone + Send + Sync> Model<T> {
    /// Appends `item` to the list at `place`.
    ///
    /// Notifies the subscribers of the list, of the places that contain it, and of the new
    /// element's index. The subscribers of other elements cost nothing.
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
    /// tv.push(Tv::PATHS.queue, "alien.mp4".into());
    /// assert_eq!(tv.get(Tv::PATHS.queue.at(0)).as_deref(), Some("alien.mp4"));
    /// ```
    pub fn push<P>(&self, place: P, item: <P::Value as Collection>::Item) -> Written<T, P, ()>
    where
        P: Place<T>,
        P::Value: List,
    {
        self.run(place, Append::of(smallvec![item]))
    }

    /// Appends `items` to the list at `place`, in one commit; none commit nothing.
    ///
    /// They are taken out of the iterator before the lock is.
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
    /// tv.extend(Tv::PATHS.queue, ["cube.mp4".into(), "dune.mp4".into()]);
    /// assert_eq!((tv.select(Tv::PATHS.queue.len()), tv.version()), (4, 1));
    /// ```
    pub fn extend<P>(
        &self,
        place: P,
        items: impl IntoIterator<Item = <P::Value as Collection>::Item>,
    ) -> Written<T, P, ()>
    where
        P: Place<T>,
        P::Value: List,
    {
        self.run(place, Append::of(items.into_iter().collect()))
    }

    /// Takes the last element out of the list at `place`. Where there is none, nothing
    /// is committed.
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
    /// assert_eq!(tv.pop(Tv::PATHS.queue).as_deref(), Some("alien.mp4"));
    /// ```
    pub fn pop<P>(&self, place: P) -> Written<T, P, Option<<P::Value as Collection>::Item>>
    where
        P: Place<T>,
        P::Value: List,
    {
        self.run(place, Remove::last())
    }

    /// Puts `item` under `key` into the map at `place`; gives back what was there.
    ///
    /// The entry may be absent, which [`set`](Self::set) of its place does not allow. The
    /// subscribers of other keys cost nothing. A key that is there already is kept.
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
    /// let before = tv.insert(Tv::PATHS.seen, 7, "Alien".into());
    /// let replaced = tv.insert(Tv::PATHS.seen, 7, "Aliens".into());
    /// assert_eq!((before, replaced.as_deref()), (None, Some("Alien")));
    /// ```
    pub fn insert<P>(
        &self,
        place: P,
        key: impl IntoKey<<P::Value as Collection>::Key>,
        item: <P::Value as Collection>::Item,
    ) -> Written<T, P, Option<<P::Value as Collection>::Item>>
    where
        P: Place<T>,
        P::Value: Map,
        <P::Value as Collection>::Item: PartialEq,
    {
        self.run(place, Insert::comparing(key.into_key(), item))
    }

    /// Takes the entry at `key` out of the collection at `place`. Where there is
    /// none, nothing is committed.
    ///
    /// In a list the later elements move up, which costs O(n), and the subscribers of their
    /// indices are matched.
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
    /// tv.push(Tv::PATHS.queue, "alien.mp4".into());
    /// assert_eq!(tv.remove(Tv::PATHS.queue, 0).as_deref(), Some("alien.mp4"));
    /// assert_eq!(tv.remove(Tv::PATHS.seen, 7), None);
    /// assert_eq!(tv.version(), 2);
    /// ```
    pub fn remove<P>(
        &self,
        place: P,
        key: impl IntoKey<<P::Value as Collection>::Key>,
    ) -> Written<T, P, Option<<P::Value as Collection>::Item>>
    where
        P: Place<T>,
        P::Value: Resizable,
    {
        self.run(place, Remove::at(key.into_key()))
    }

    /// Keeps those entries of the collection at `place` that `keep` wants, in one
    /// commit. Where it wants all, nothing is committed.
    ///
    /// `keep` is shown each entry as the collection's `iter` shows it: an element, or a
    /// key with its value: `tv.retain(Tv::PATHS.users, |(id, user)| user.age > 17)`.
    ///
    /// `keep` runs under the lock: it must not touch this model. If `keep` panics, nothing is
    /// changed. Costs O(n); the removed entries are dropped after the lock.
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
    /// tv.retain(Tv::PATHS.queue, |file| file.starts_with('a'));
    /// assert_eq!(tv.get(Tv::PATHS.queue), ["alien.mp4"]);
    /// ```
    pub fn retain<P>(
        &self,
        place: P,
        keep: impl FnMut(<P::Value as Collection>::Entry<'_>) -> bool,
    ) -> Written<T, P, ()>
    where
        P: Place<T>,
        P::Value: Resizable,
    {
        self.run(place, Retain::by(keep))
    }

    /// Sorts the sequence at `place`; equal elements stay in turn. As
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
    /// tv.sort(Tv::PATHS.queue);
    /// assert_eq!(tv.get(Tv::PATHS.queue), ["alien.mp4", "brazil.mp4"]);
    /// ```
    pub fn sort<P>(&self, place: P) -> Written<T, P, ()>
    where
        P: Place<T>,
        P::Value: Sequence,
        <P::Value as Collection>::Item: Ord,
    {
        self.sort_by(place, Ord::cmp)
    }

    /// Sorts the sequence at `place` by what `key` makes of an element. As
    /// [`sort_by`](Self::sort_by).
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
    /// tv.sort_by_key(Tv::PATHS.queue, |file| file.len());
    /// assert_eq!(tv.get(Tv::PATHS.queue), ["alien.mp4", "brazil.mp4"]);
    /// ```
    pub fn sort_by_key<P, K: Ord>(
        &self,
        place: P,
        mut key: impl FnMut(&<P::Value as Collection>::Item) -> K,
    ) -> Written<T, P, ()>
    where
        P: Place<T>,
        P::Value: Sequence,
    {
        self.sort_by(place, |a, b| key(a).cmp(&key(b)))
    }

    /// Sorts the sequence at `place`, in one commit; elements that `compare` calls equal
    /// stay in turn. Where no element moves, nothing is committed.
    ///
    /// The subscribers of an index are notified if another value is there now. `compare` runs
    /// under the lock: it must not touch this model. If `compare` panics, nothing is changed.
    /// Costs O(n log n), and moves elements without cloning them.
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
    /// tv.sort_by(Tv::PATHS.queue, |a, b| b.cmp(a));
    /// assert_eq!(tv.version(), 0); // they were in that order
    /// ```
    pub fn sort_by<P>(
        &self,
        place: P,
        compare: impl FnMut(
            &<P::Value as Collection>::Item,
            &<P::Value as Collection>::Item,
        ) -> Ordering,
    ) -> Written<T, P, ()>
    where
        P: Place<T>,
        P::Value: Sequence,
    {
        self.run(place, Sort::by(compare))
    }

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
