//! [`Model`]: nested state with typed paths and selector subscriptions.
//!
//! A thin face over a [`Cell`]. A model converts places into writes; it does not know how
//! these are ordered or delivered. Its reads are in [`View`].

mod collections;
mod dependents;
mod entries;
mod entry_writes;
mod members;
mod transaction;

use std::ops::Deref;
use std::sync::Arc;

pub use self::transaction::Transaction;
use crate::cell::change::{Change, calling};
use crate::cell::origin::Origin;
use crate::cell::transaction::InPlace;
use crate::cell::{CallTime, Cell, PatchAt, Select, Selector, SetPlace, absent};
use crate::path::{Access, Collection, Here, Mode, PatchDiff, Place, State, Walk};
use crate::subscription::Subscription;
use crate::view::View;

/// The type of an entry at the place `P` of a `T`.
type Item<T, P> = <<P as Place<T>>::Value as Collection>::Item;

/// The type of a key at the place `P` of a `T`.
type Key<T, P> = <<P as Place<T>>::Value as Collection>::Key;

/// The result of a write at the place `P` that returns a `V`.
type Written<T, P, V> = <<P as Place<T>>::Mode as Mode>::Written<V>;

/// Creates a [`Model`].
///
/// # Panics
///
/// If `name` is empty.
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
    Model::of(Cell::new(name.into(), state, T::__SHAPE.nodes), None)
}

/// Creates a model of a state that another place keeps too, such as a log. It keeps no initial
/// state, so that its first write clones nothing, and its [`reset`](Model::reset) writes nothing.
///
/// # Panics
///
/// When `name` is empty.
#[track_caller]
pub fn create_replica<T: State + Clone + Send + Sync>(
    name: impl Into<Arc<str>>,
    state: T,
) -> Model<T> {
    Model::of(Cell::replica(name.into(), state, T::__SHAPE.nodes), None)
}

/// Nested state that many threads read, write and watch, by typed paths.
///
/// A `Model` is a handle: cloning is cheap, and all clones refer to the same model. When
/// the last handle is dropped, the subscribers are dropped as well. A handle that a
/// subscriber captures counts too, so use the callback's [`Change`] or
/// [`downgrade`](Self::downgrade) in subscribers.
///
/// # Writes
///
/// Each write is one commit: readers and subscribers observe all of it or nothing, and the
/// version grows by one. The cost of a write depends on the length of the path and on the
/// affected subscriptions, but neither on the size of the model nor on subscriptions
/// elsewhere. [`update`] and [`try_update`] clone the whole state, and so does any write
/// while a snapshot is held. The initial state, which the model keeps for
/// [`reset`](Self::reset), counts as a snapshot.
///
/// # Subscribers
///
/// Subscribers run outside of every lock, in the order of the commits, one at a time. With
/// a single writer, all of them have returned when the write returns. They may read, write,
/// subscribe and unsubscribe; their own writes are delivered after the present batch. If a
/// subscriber panics, the panic is reported through `tracing`, and the others still run.
///
/// For one commit, callbacks run in the order of subscription, also over different places.
/// One exception: the callbacks of one field run one after the other, in the turn of the
/// first of them, so a later one precedes those of other places that were subscribed to in
/// between. To be called once for several places, subscribe to a tuple of them.
///
/// # Blocking
///
/// A read or a write waits for another thread's write, including the closure of that write,
/// but never for subscribers. The writing thread also delivers, unless another thread is
/// delivering already. When more than 1,024 commits are undelivered, a write outside of
/// callbacks waits for up to 1 ms, and may take over the delivery.
///
/// # Panics
///
/// Instead of deadlocking, every method that uses the state panics if it is called inside
/// an `update`, a `transaction`, or a `Clone` or `PartialEq` of the model's own values; the
/// same applies to two threads that do so with two models in opposite order. A write that
/// is more than 1,000 callbacks deep counts as a feedback loop and panics. A write in a
/// callback of a callback panics as well, once the outermost write has caused 10,000 such
/// writes.
///
/// [`update`]: Self::update
/// [`try_update`]: Self::try_update
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
    view: View<T>,
    /// Carried by the commits of this handle.
    pub(crate) origin: Option<Origin>,
}

impl<T> Clone for Model<T> {
    fn clone(&self) -> Self {
        Self { view: self.view.clone(), origin: self.origin.clone() }
    }
}

impl<T> Model<T> {
    pub(crate) fn of(cell: Arc<Cell<T>>, origin: Option<Origin>) -> Self {
        Self { view: View { cell }, origin }
    }
}

/// Dereferences to the model's [`View`], for reading, watching and subscribing.
impl<T> Deref for Model<T> {
    type Target = View<T>;

    #[inline]
    fn deref(&self) -> &View<T> {
        &self.view
    }
}

impl<T: State + Clone + Send + Sync> Model<T> {
    /// Sets the value at `place` and returns the old one.
    ///
    /// An equal value is a commit like any other, but notifies no subscription.
    ///
    /// For a place that always exists, the old value is returned directly; for a place that
    /// may be absent, in a `Result`.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent) if the place does not exist; nothing is changed
    /// then.
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
        let mut set = SetPlace::new(place.__walk(), Some(value));
        let version = self.writer().write(&mut set);
        let old = version.and(set.value);
        P::Mode::__written(old.ok_or_else(|| absent(&set.walk)))
    }

    /// Sets the value at `place` if it equals `expected`; returns whether it did.
    ///
    /// Otherwise, and if the place does not exist, nothing is committed.
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
        let mut set = SetPlace::new(place.__walk(), Some(value));
        let version =
            self.writer().write_with(&mut set, |state, set| set.walk.get(state) == Some(expected));
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

    /// Changes the value at `place`: `f` receives a clone of the value, which then replaces
    /// the value. Returns the result of `f`. If `f` panics, nothing is changed.
    ///
    /// `f` runs under the lock, so it must not use this model. The method clones the value
    /// at `place`, but not the state.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set); `f` is not called then.
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
        let mut set = SetPlace::edit(place.__walk(), None);
        // `f` stays in this frame, so that its captures are dropped after the lock.
        let (mut f, mut result) = (Some(f), None);
        self.writer().write_with(&mut set, |state, set| {
            set.value = set.walk.get(state).cloned();
            result = set.value.as_mut().and_then(|value| f.take().map(|f| f(value)));
            result.is_some()
        });
        P::Mode::__written(result.ok_or_else(|| absent(&set.walk)))
    }

    /// Merges `patch` into the root: the named fields are replaced, in one commit. A patch
    /// without fields commits nothing.
    ///
    /// Compares the named fields that have watchers, and clones nothing.
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
        self.writer().write(&mut PatchAt::new(Access::of::<Here<T>>(), patch));
    }

    /// Merges `patch` into the struct at `place`.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
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
        self.writer().write(&mut merge);
        P::Mode::__written(merge.is_there.then_some(()).ok_or_else(|| absent(&merge.walk)))
    }

    /// Makes several writes as one commit. An `Err` or a panic reverts all of them; a
    /// transaction without writes commits nothing.
    ///
    /// `f` runs under the lock, so it must use this model through the [`Transaction`] only.
    /// The writes are made in place: the cost of a transaction is that of its writes, and
    /// the state is cloned only while a snapshot is held. Only subscriptions that the
    /// written places affect are compared, with the values from before the transaction.
    ///
    /// # Errors
    ///
    /// The error of `f`.
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
        let run = |_, state: InPlace<'_, T>| f(&mut Transaction::new(state));
        self.writer().transact(run).map(|(value, _)| value)
    }

    /// Calls `callback` with the selected value after each commit that changed the value.
    ///
    /// The value of a place that may be absent is an `Option`; that of a tuple of places is
    /// a tuple.
    ///
    /// A change is found with `PartialEq`, which must be structural.
    ///
    /// A write finds the affected places by number, so subscriptions elsewhere cost
    /// nothing; a closure over the whole state runs after every commit. The callback
    /// receives a clone of a value that is cheap to clone, and otherwise a reference into a
    /// snapshot.
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
        F: for<'a> Fn(<S::__Select as Select<T>>::Item<'a>, &Change<'_, Self>)
            + Send
            + Sync
            + 'static,
    {
        self.cell.subscribe(
            selector.__select(),
            calling::<Self, S::__Select, F>(callback),
            CallTime::AfterCommit,
        )
    }

    /// Like [`subscribe`](Self::subscribe), and calls `callback` with the present value
    /// first: before this method returns, unless it is called inside a callback or inside
    /// an `update` of another model or store, or another thread is delivering. No value is
    /// passed twice or left out.
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
        F: for<'a> Fn(<S::__Select as Select<T>>::Item<'a>, &Change<'_, Self>)
            + Send
            + Sync
            + 'static,
    {
        self.cell.subscribe(
            selector.__select(),
            calling::<Self, S::__Select, F>(callback),
            CallTime::NowAndAfter,
        )
    }
}

impl<T: State + Clone + Send + Sync> Change<'_, Model<T>> {
    /// The model, which may be at a later version by now.
    ///
    /// A write through this handle inside the callback is committed at once and delivered
    /// after the present batch.
    ///
    /// Like any other handle, this one keeps the model alive as long as it exists.
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
        Model::of(Arc::clone(self.cell()), None)
    }
}
