//! [`Model`]: nested state with typed paths and selector subscriptions.
//!
//! A thin face over a [`Cell`]: it turns places into writes and knows nothing of
//! how they are ordered or delivered.

mod dependents;
mod entries;
mod transaction;

use std::cmp::Ordering;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Weak};

use smallvec::smallvec;

pub use self::transaction::Transaction;
use crate::bus::{Bus, Topic};
use crate::cell::change::Change;
use crate::cell::changed::Changed;
use crate::cell::commit::Commit;
use crate::cell::{
    Append, At, CallTime, Cell, Draft, Insert, Operation, PatchAt, Remove, Retain, Select,
    Selector, Set, Sort, absent, subscriber,
};
use crate::error::BusError;
use crate::path::{
    Access, Collection, Here, IntoKey, List, Map, Mode, PatchDiff, Place, Resizable, Sequence,
    State, Walk,
};
use crate::resource::Resource;
use crate::stream::{EventStream, WatchStream, channel};
use crate::subscription::Subscription;

/// What writing at the place `P` gives, where a `V` comes back.
type Written<T, P, V> = <<P as Place<T>>::Mode as Mode>::Written<V>;

/// Creates a [`Model`].
///
/// # Panics
///
/// When `name` is empty.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { position: u64 }
/// let tv = create_model("tv", Tv { position: 7 });
/// assert_eq!(tv.get(Tv::PATHS.position), 7);
/// ```
#[track_caller]
pub fn create_model<T: State + Clone + Send + Sync>(
    name: impl Into<Arc<str>>,
    state: T,
) -> Model<T> {
    Model::from_cell(Cell::new(name.into(), state, T::__SHAPE.nodes))
}

/// Nested state that many threads read, write and watch, by typed paths.
///
/// A `Model` is a handle: cloning it is cheap, and all clones are one model. When
/// the last one is dropped, so are the subscribers; a handle that a subscriber
/// captures counts as one, so use the callback's [`Change`] or
/// [`downgrade`](Self::downgrade) there.
///
/// # Writes
///
/// Each write is one commit: readers and subscribers see all of it or nothing, and
/// it raises the version by one. It costs what the path's depth and the affected
/// subscriptions cost, whatever the model's size and however many subscriptions
/// there are elsewhere. A clone of the whole state is made by [`update`],
/// [`try_update`] and [`transaction`], and by any write while a snapshot is held; the
/// state of the creation, which the model keeps for [`reset`](Self::reset), counts as
/// one.
///
/// # Subscribers
///
/// They run outside of every lock, in order of the commits, one at a time. With one
/// writer everything is delivered when the write returns. They may read, write,
/// subscribe and unsubscribe; what they write is delivered after the present batch.
/// One that panics is reported through `tracing`, and the others still run.
///
/// # Blocking
///
/// A read and a write wait for the write that another thread makes just then, and
/// for the closure that it was given; never for subscribers. The thread that writes
/// also delivers, unless another is at it already. Behind more than 1,024 commits
/// that are not delivered yet, a write outside of callbacks waits for up to 1 ms,
/// and may take over the delivery.
///
/// # Panics
///
/// Every method that touches the state panics, rather than deadlock, when it is
/// called from inside an `update`, a `transaction`, or a `Clone` or `PartialEq` of
/// the model's own values, and when two threads do so with two models crosswise. A
/// write that is more than 1,000 callbacks deep counts as a feedback loop and
/// panics.
///
/// [`update`]: Self::update
/// [`try_update`]: Self::try_update
/// [`transaction`]: Self::transaction
///
/// # Example
///
/// ```
/// use sprag::prelude::*;
///
/// #[derive(Model, Clone, Default, PartialEq)]
/// struct Tv {
///     url: Option<String>,
///     position: u64,
/// }
///
/// let tv = create_model("tv", Tv::default());
/// let _shown = tv.subscribe(Tv::PATHS.url, |url, _change| println!("now playing: {url:?}"));
///
/// let remote = tv.clone(); // the same model
/// remote.set(Tv::PATHS.url, Some("alien.mp4".into())); // prints before it returns
/// assert_eq!(tv.get(Tv::PATHS.url).as_deref(), Some("alien.mp4"));
/// ```
pub struct Model<T: 'static> {
    pub(crate) cell: Arc<Cell<T>>,
}

impl<T> Clone for Model<T> {
    fn clone(&self) -> Self {
        Self { cell: Arc::clone(&self.cell) }
    }
}

impl<T: State + Clone + Send + Sync> Model<T> {
    pub(crate) fn from_cell(cell: Arc<Cell<T>>) -> Self {
        Self { cell }
    }

    /// The name it was created with.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// assert_eq!(tv.name(), "tv");
    /// ```
    pub fn name(&self) -> &str {
        self.cell.name()
    }

    /// How many commits there were.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.set(Tv::PATHS.position, 7);
    /// tv.set(Tv::PATHS.position, 7); // an equal value is a commit too
    /// assert_eq!(tv.version(), 2);
    /// ```
    pub fn version(&self) -> u64 {
        self.cell.version()
    }

    /// How many calls of subscribers panicked so far.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let _bad = tv.subscribe(Tv::PATHS.position, |_, _| panic!("no screen"));
    /// tv.set(Tv::PATHS.position, 7); // reported through `tracing`, and returns
    /// assert_eq!(tv.panics(), 1);
    /// ```
    pub fn panics(&self) -> u64 {
        self.cell.panics()
    }

    /// A clone of the value at `place`; an `Option` where the place may be absent.
    ///
    /// Costs a read lock, the field access and the clone, which is made under the lock.
    /// [`read`](Self::read) looks at a large value without cloning it.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let position: u64 = tv.get(Tv::PATHS.position);
    /// let url: Option<String> = tv.get(Tv::PATHS.url.some());
    /// assert_eq!((position, url), (0, None));
    /// ```
    pub fn get<P>(&self, place: P) -> <P::Mode as Mode>::Read<P::Value>
    where
        P: Place<T>,
        P::Value: Clone,
    {
        P::Mode::__read(self.cell.get(&place.__walk()))
    }

    /// The whole state as it is now, in O(1).
    ///
    /// It never changes. While it is held, the next write clones the state.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let before = tv.snapshot();
    /// tv.set(Tv::PATHS.position, 7);
    /// assert_eq!((before.position, tv.snapshot().position), (0, 7));
    /// ```
    pub fn snapshot(&self) -> Arc<T> {
        self.cell.snapshot()
    }

    /// Shows the present state to `f`, which runs outside of every lock.
    ///
    /// `f` may do anything. A write meanwhile clones the state, since `f` holds a
    /// snapshot.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let length = tv.read(|tv| tv.url.as_ref().map_or(0, String::len));
    /// assert_eq!(length, 0);
    /// ```
    pub fn read<U>(&self, f: impl FnOnce(&T) -> U) -> U {
        f(&self.cell.snapshot())
    }

    /// What `selector` selects, as a value of its own.
    ///
    /// The value, as [`subscribe`](Self::subscribe) would show it, of one moment: the
    /// places of a tuple are of one version. Closures run outside of every lock.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let (url, position) = tv.select((Tv::PATHS.url, Tv::PATHS.position));
    /// let started = tv.select(|tv: &Tv| tv.position > 0);
    /// assert_eq!((url, position, started), (None, 0, false));
    /// ```
    pub fn select<S, K>(&self, selector: S) -> <S::__Select as Select<T>>::Owned
    where
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: Select<T>,
    {
        let select = selector.__select();
        let captured = select.capture(&self.cell.snapshot(), 0, &[]);
        let resolved = select.resolve(captured).expect("a fresh selector has no earlier result");
        <S::__Select as Select<T>>::to_owned(select.item(&resolved))
    }

    /// Sets the value at `place` and gives back the old one; [`Absent`](crate::error::Absent) where the
    /// place is not there, and then nothing is changed.
    ///
    /// An equal value is a commit like any other and fires no subscription.
    ///
    /// The old value comes back as it is where the place is always there, and in a
    /// `Result` where it may be absent.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let old = tv.set(Tv::PATHS.position, 7);
    /// assert_eq!(old, 0);
    ///
    /// let url = Tv::PATHS.url.some(); // absent while there is no url
    /// let absent = tv.set(url, "alien.mp4".into()).unwrap_err();
    /// assert_eq!(absent.path(), "url");
    /// ```
    pub fn set<P>(&self, place: P, value: P::Value) -> Written<T, P, P::Value>
    where
        P: Place<T>,
        P::Value: PartialEq,
    {
        let mut set = Set::new(place.__walk(), Some(value));
        let version = self.cell.write(&mut set);
        let old = version.and(set.value);
        P::Mode::__written(old.ok_or_else(|| absent(&set.walk)))
    }

    /// Sets the value at `place` if it is still `expected`; says whether it did.
    ///
    /// Where it did not, and where the place is not there, nothing is committed.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// assert!(tv.compare_and_set(Tv::PATHS.position, &0, 7));
    /// assert!(!tv.compare_and_set(Tv::PATHS.position, &0, 8));
    /// assert_eq!((tv.get(Tv::PATHS.position), tv.version()), (7, 1));
    /// ```
    pub fn compare_and_set<P>(&self, place: P, expected: &P::Value, value: P::Value) -> bool
    where
        P: Place<T>,
        P::Value: PartialEq,
    {
        let mut set = Set::new(place.__walk(), Some(value));
        let version =
            self.cell.write_with(&mut set, |state, set| set.walk.get(state) == Some(expected));
        version.is_some()
    }

    /// Takes the value at `place` and leaves its default there.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.set(Tv::PATHS.url, Some("alien.mp4".into()));
    /// assert_eq!(tv.take(Tv::PATHS.url).as_deref(), Some("alien.mp4"));
    /// assert_eq!(tv.get(Tv::PATHS.url), None);
    /// ```
    pub fn take<P>(&self, place: P) -> Written<T, P, P::Value>
    where
        P: Place<T>,
        P::Value: PartialEq + Default,
    {
        self.set(place, P::Value::default())
    }

    /// Changes the value at `place`: `f` is given a clone of it, which is then set.
    /// If `f` panics, nothing is changed.
    ///
    /// `f` runs under the lock: it must not touch this model.
    ///
    /// What `f` returns comes back. The clone is of the value at `place`, and not of the
    /// state.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set); then `f` is not called.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let position = tv.update_at(Tv::PATHS.position, |position| {
    ///     *position += 10;
    ///     *position
    /// });
    /// assert_eq!(position, 10);
    /// ```
    pub fn update_at<P, U>(&self, place: P, f: impl FnOnce(&mut P::Value) -> U) -> Written<T, P, U>
    where
        P: Place<T>,
        P::Value: Clone + PartialEq,
    {
        let mut set = Set::new(place.__walk(), None);
        // `f` stays in this frame, so that its captures are dropped after the lock.
        let (mut f, mut result) = (Some(f), None);
        self.cell.write_with(&mut set, |state, set| {
            set.value = set.walk.get(state).cloned();
            result = set.value.as_mut().and_then(|value| f.take().map(|f| f(value)));
            result.is_some()
        });
        P::Mode::__written(result.ok_or_else(|| absent(&set.walk)))
    }

    /// Merges `patch` into the root: the fields that it names are replaced, in one
    /// commit. A patch that names none commits nothing.
    ///
    /// Compares the named fields that somebody watches, and clones nothing.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.patch(TvPatch::new().position(7).url(None));
    /// assert_eq!((tv.get(Tv::PATHS.position), tv.version()), (7, 1));
    /// ```
    pub fn patch<P: PatchDiff<T>>(&self, patch: P) {
        self.cell.write(&mut PatchAt::new(Access::of::<Here<T>>(T::__SHAPE.nodes), patch));
    }

    /// Merges `patch` into the struct at `place`; [`Absent`](crate::error::Absent) where that is not there.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { playback: Playback }
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Playback { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.patch_at(Tv::PATHS.playback, PlaybackPatch::new().position(7));
    /// assert_eq!(tv.get(Tv::PATHS.playback.position), 7);
    /// ```
    pub fn patch_at<P, Q>(&self, place: P, patch: Q) -> Written<T, P, ()>
    where
        P: Place<T>,
        Q: PatchDiff<P::Value>,
    {
        let mut merge = PatchAt::new(place.__walk(), patch);
        self.cell.write(&mut merge);
        P::Mode::__written(merge.is_there.then_some(()).ok_or_else(|| absent(&merge.walk)))
    }

    /// Says whether the place is there.
    /// Changes the state: `f` is given a clone of it, which then takes its place. If
    /// `f` panics, nothing is changed.
    ///
    /// `f` runs under the lock: it must not touch this model. The clone costs O(n)
    /// in the size of the state; [`update_at`](Self::update_at) clones one place.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.update(|tv| {
    ///     tv.url = Some("alien.mp4".into());
    ///     tv.position = 0;
    /// });
    /// assert_eq!(tv.version(), 1); // both in one commit
    /// ```
    pub fn update<U>(&self, f: impl FnOnce(&mut T) -> U) -> U {
        let Ok(value) = self.try_update(|state| Ok::<U, Infallible>(f(state)));
        value
    }

    /// As [`update`](Self::update); an `Err` leaves everything as it was.
    ///
    /// # Errors
    ///
    /// That of `f`.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let refused = tv.try_update(|tv| {
    ///     tv.position += 10;
    ///     if tv.url.is_none() { Err("nothing plays") } else { Ok(()) }
    /// });
    /// assert_eq!((refused, tv.get(Tv::PATHS.position)), (Err("nothing plays"), 0));
    /// ```
    pub fn try_update<U, E>(&self, f: impl FnOnce(&mut T) -> Result<U, E>) -> Result<U, E> {
        self.cell.rewrite(|draft| f(draft.state_mut()))
    }

    /// Several writes as one commit. An `Err` or a panic takes all of them back; a
    /// transaction that writes nothing commits nothing.
    ///
    /// `f` runs under the lock: it must not touch this model but through the
    /// [`Transaction`]. One clone of the state is made. Only the subscriptions that
    /// the written places touch are looked at.
    ///
    /// # Errors
    ///
    /// That of `f`.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let moved: Result<u64, &str> = tv.transaction(|tx| {
    ///     tx.set(Tv::PATHS.url, Some("alien.mp4".into()));
    ///     tx.update_at(Tv::PATHS.position, |position| *position += 10);
    ///     Ok(tx.get(Tv::PATHS.position)) // it reads its own writes
    /// });
    /// assert_eq!((moved, tv.version()), (Ok(10), 1));
    /// ```
    pub fn transaction<U, E>(
        &self,
        f: impl FnOnce(&mut Transaction<'_, T>) -> Result<U, E>,
    ) -> Result<U, E> {
        self.cell.rewrite(|draft| {
            draft.record();
            f(&mut Transaction::new(draft))
        })
    }

    /// Replaces the whole state and gives back the old one.
    ///
    /// Clones nothing, and compares the watched places of both states.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let old = tv.replace(Tv { url: None, position: 7 });
    /// assert_eq!((old.position, tv.get(Tv::PATHS.position)), (0, 7));
    /// ```
    pub fn replace(&self, state: T) -> Arc<T> {
        let mut draft = Draft::new(state);
        self.cell.write(&mut draft);
        draft.into_old()
    }

    /// Goes back to the state it was created with.
    ///
    /// A [`replace`](Self::replace) by a clone of that state, which the model keeps.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// tv.set(Tv::PATHS.position, 7);
    /// tv.reset();
    /// assert_eq!((tv.get(Tv::PATHS.position), tv.version()), (0, 2));
    /// ```
    pub fn reset(&self) {
        self.replace(T::clone(self.cell.initial()));
    }

    /// Appends `item` to the list at `place`.
    ///
    /// Tells those who watch the list, what it lies in, or the new element's index; who
    /// watches other elements is not asked.
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

    /// Makes `operation` on the collection at `place`.
    fn run<P, O>(&self, place: P, operation: O) -> Written<T, P, O::Output>
    where
        P: Place<T>,
        P::Value: Collection,
        O: Operation<P::Value>,
    {
        let mut at = At::new(place.__walk(), operation);
        self.cell.write(&mut at);
        P::Mode::__written(at.finish())
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
    /// The entry need not be there, which [`set`](Self::set) of its place asks for. Who
    /// watches other keys is not asked. A key that is there already is kept.
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
    /// In a list the later elements move up, which costs O(n), and who watches one of
    /// their indices is asked.
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
    /// It runs under the lock: it must not touch this model. If it panics, nothing is
    /// changed. Costs O(n); what is taken out is dropped after the lock.
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
    /// Those who watch an index hear of it if another value is there now. `compare` runs
    /// under the lock: it must not touch this model. If it panics, nothing is changed.
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

    /// CallTime `callback` with the selected value after each commit that changed it.
    ///
    /// A place that may be absent is shown as an `Option`, a tuple of places as a
    /// tuple.
    ///
    /// A change is found by `PartialEq`, which must be structural.
    ///
    /// A write finds the places that it touches by number, so subscriptions elsewhere
    /// cost it nothing; a closure over the whole state is asked after every commit. The
    /// callback gets a clone of a cheap value, else a borrow from a snapshot.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let one = tv.subscribe(Tv::PATHS.url, |url, _| println!("{url:?}"));
    /// let two = tv.subscribe((Tv::PATHS.url, Tv::PATHS.position), |(url, position), change| {
    ///     println!("{url:?} at {position}, by commit {}", change.version());
    /// });
    /// let minutes = Tv::PATHS.position.map(|seconds| seconds / 60);
    /// let three = tv.subscribe(minutes, |minutes, _| println!("{minutes} min"));
    /// let four = tv.subscribe(|tv: &Tv| tv.url.is_some(), |playing, _| println!("{playing}"));
    ///
    /// tv.set(Tv::PATHS.position, 7); // calls `two`
    /// drop(one); // unsubscribes
    /// four.detach(); // stays for the model's life
    /// ```
    pub fn subscribe<S, K, F>(&self, selector: S, callback: F) -> Subscription
    where
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: Select<T>,
        F: for<'a> Fn(<S::__Select as Select<T>>::Item<'a>, &Change<'_, T>) + Send + Sync + 'static,
    {
        self.cell.subscribe(selector.__select(), subscriber(callback), CallTime::AfterCommit)
    }

    /// As [`subscribe`](Self::subscribe), and calls `callback` with the present
    /// value first: before it returns, unless called inside a callback, inside an
    /// `update` of another model or store, or while another thread delivers. Nothing is shown twice or left out.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let _position = tv.subscribe_now(Tv::PATHS.position, move |&at, _| tell.send(at).unwrap());
    /// tv.set(Tv::PATHS.position, 7);
    /// assert_eq!(told.try_iter().collect::<Vec<_>>(), [0, 7]);
    /// ```
    pub fn subscribe_now<S, K, F>(&self, selector: S, callback: F) -> Subscription
    where
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: Select<T>,
        F: for<'a> Fn(<S::__Select as Select<T>>::Item<'a>, &Change<'_, T>) + Send + Sync + 'static,
    {
        self.cell.subscribe(selector.__select(), subscriber(callback), CallTime::NowAndAfter)
    }

    /// What `selector` selects, as a stream: the present value, then the latest one
    /// whenever it has changed. At most one value waits for the reader.
    ///
    /// The stream ends when the model is destroyed or dropped.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// use futures_util::StreamExt;
    ///
    /// let mut positions = tv.watch(Tv::PATHS.position);
    /// assert_eq!(positions.next().await, Some(0));
    /// tv.set(Tv::PATHS.position, 7);
    /// tv.set(Tv::PATHS.position, 8); // before the reader comes back: 7 is skipped
    /// assert_eq!(positions.next().await, Some(8));
    /// # });
    /// ```
    pub fn watch<S, K>(&self, selector: S) -> WatchStream<<S::__Select as Select<T>>::Owned>
    where
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: Select<T>,
        <S::__Select as Select<T>>::Owned: Send + 'static,
    {
        let (sender, receiver) = channel(1);
        let select = selector.__select();
        let send = move |item: <S::__Select as Select<T>>::Item<'_>, _: &Change<'_, T>| {
            sender.send(<S::__Select as Select<T>>::to_owned(item));
        };
        WatchStream::new(
            receiver,
            self.cell.subscribe(select, subscriber(send), CallTime::NowAndAfter),
        )
    }

    /// Every commit from now on, with the written places as data.
    ///
    /// At most 1,024 commits wait for the reader. One that falls further behind
    /// loses the oldest, and its next item is [`Lagged`](crate::error::Lagged) with
    /// their number. Waiting commits hold their snapshots, so that writes clone the
    /// state meanwhile.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// use futures_util::StreamExt;
    ///
    /// let mut changes = tv.changes();
    /// tv.set(Tv::PATHS.position, 7);
    /// let commit = changes.next().await.expect("the model lives")?;
    /// let change = commit.changes().next().expect("one place was written");
    /// assert_eq!((change.path().as_str(), change.value::<u64>()), ("position", Some(&7)));
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn changes(&self) -> EventStream<Commit<T>> {
        self.cell.changes()
    }

    /// Emits [`Changed`] on `bus` after every commit from now on, on the topic
    /// `{name}:changed`.
    ///
    /// # Errors
    ///
    /// When another model or store of that name does so on `bus` already.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let bus = Bus::new();
    /// tv.emit_events(&bus)?;
    /// let _log = bus.on_topic(&tv.changed(), |event| println!("commit {}", event.version));
    /// tv.set(Tv::PATHS.position, 7); // prints
    /// # Ok::<(), sprag::error::BusError>(())
    /// ```
    pub fn emit_events(&self, bus: &Bus) -> Result<(), BusError> {
        self.cell.emit_events(bus)
    }

    /// The topic of [`Changed`], once it [emits events](Self::emit_events).
    ///
    /// It may be listened to before that.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// assert_eq!(tv.changed().name(), "tv:changed");
    /// ```
    pub fn changed(&self) -> Topic<Changed<T>> {
        self.cell.changed()
    }

    /// Waits until every commit so far is delivered.
    ///
    /// Blocks while another thread delivers.
    ///
    /// # Panics
    ///
    /// Inside a callback and inside an `update`, where it would wait for itself.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let other = tv.clone();
    /// let writer = std::thread::spawn(move || other.set(Tv::PATHS.position, 7));
    /// tv.set(Tv::PATHS.position, 8); // perhaps the other thread delivers it
    /// tv.flush(); // it is delivered
    /// # writer.join().unwrap();
    /// ```
    pub fn flush(&self) {
        self.cell.flush();
    }

    /// Drops the subscribers. Later writes tell nobody, and later subscriptions are
    /// dead; the state stays readable.
    ///
    /// A service that owns the model calls it when it stops. A second call does nothing.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let _log = tv.subscribe(Tv::PATHS.position, |position, _| println!("{position}"));
    /// tv.destroy();
    /// tv.set(Tv::PATHS.position, 7); // prints nothing
    /// assert_eq!(tv.get(Tv::PATHS.position), 7);
    /// ```
    pub fn destroy(&self) {
        self.cell.destroy();
    }

    /// A handle that does not keep the model alive.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let weak = tv.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(tv);
    /// assert!(weak.upgrade().is_none());
    /// ```
    pub fn downgrade(&self) -> WeakModel<T> {
        WeakModel { cell: Arc::downgrade(&self.cell) }
    }
}

impl<T: State + Clone + Send + Sync> Resource for Model<T> {
    fn release(&self) {
        self.destroy();
    }
}

impl<T: fmt::Debug> fmt::Debug for Model<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Model").field(&self.cell).finish()
    }
}

/// A handle to a [`Model`] that does not keep it alive.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// let weak = tv.downgrade();
/// assert_eq!(weak.upgrade().map(|tv| tv.get(Tv::PATHS.position)), Some(0));
/// ```
pub struct WeakModel<T: 'static> {
    cell: Weak<Cell<T>>,
}

impl<T> WeakModel<T> {
    /// The model, if a handle to it is left.
    ///
    /// The model that it gives keeps it alive from then on.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let weak = tv.downgrade();
    /// drop(tv);
    /// assert!(weak.upgrade().is_none());
    /// ```
    pub fn upgrade(&self) -> Option<Model<T>> {
        self.cell.upgrade().map(|cell| Model { cell })
    }
}

impl<T> Clone for WeakModel<T> {
    fn clone(&self) -> Self {
        Self { cell: Weak::clone(&self.cell) }
    }
}

impl<T> fmt::Debug for WeakModel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakModel")
    }
}

impl<T: State + Clone + Send + Sync> Change<'_, T> {
    /// The model. By now it may be at a later version.
    ///
    /// A write to it from inside the callback is committed at once and delivered
    /// after the present batch.
    ///
    /// A handle like any other: one that is kept keeps the model alive.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let _log = tv.subscribe(Tv::PATHS.position, |position, change| {
    ///     println!("{:?} at {position}", change.model().get(Tv::PATHS.url));
    /// });
    /// tv.set(Tv::PATHS.position, 7);
    /// # assert_eq!(tv.panics(), 0);
    /// ```
    pub fn model(&self) -> Model<T> {
        Model::from_cell(Arc::clone(self.cell))
    }
}
