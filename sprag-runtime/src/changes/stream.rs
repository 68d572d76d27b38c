//! [`Changes`]: a stream of a cell's commits.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;

use super::commit::{Commit, WholeCommit};
use super::place::CommitPlaces;
use crate::cell::change::Delivered;
use crate::cell::watched::{Watch, WatchEach};
use crate::cell::{
    CallTime, Cell as StateCell, CommitInfo, Recorded, Select, SelectPlaces, Selector, UsersValue,
    subscriber,
};
use crate::delta::{HeldRecord, Known};
use crate::error::Lagged;
use crate::stream::{EventStream, channel};

/// The default limit of waiting commits.
const BOUND: usize = 1_024;

/// A stream of the commits from its creation on, in order.
///
/// The stream ends with the state; dropping the stream unsubscribes. A reader that falls
/// behind by more than [`bound`](Self::bound) commits gets [`Lagged`] with the number of
/// lost commits, and should continue from the present state, as
/// [`versioned`](crate::View::versioned) returns it.
///
/// `S` is the part of the state that each commit carries: nothing, unless the stream was
/// created by [`with_state`](Self::with_state).
///
/// Returned by [`View::changes`](crate::View::changes); needs no async runtime.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Changes<T: 'static, S = ()> {
    stream: EventStream<Commit<T, S>>,
    source: ChangesSource<T>,
}

/// The source of a stream, for creating the stream again.
struct ChangesSource<T: 'static> {
    cell: Weak<StateCell<T>>,
    root: &'static Known,
    bound: usize,
    places: Option<Arc<CommitPlaces<T>>>,
}

impl<T: Clone + Send + Sync + 'static> Changes<T> {
    pub(crate) fn of(cell: &Arc<StateCell<T>>, root: &'static Known) -> Self {
        let cell = Arc::downgrade(cell);
        Self::begin(ChangesSource { cell, root, bound: BOUND, places: None })
    }

    /// Makes each commit carry the state that it made; see [`Commit::state`].
    ///
    /// A waiting commit then holds a snapshot, so the next write clones the state. This
    /// restarts the stream: commits from before this call are lost.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// let mut changes = tv.changes().with_state();
    /// tv.set(Tv::PATHS.position, 7);
    /// tv.set(Tv::PATHS.position, 8);
    /// let commit = changes.next().await.expect("the model lives")?;
    /// assert_eq!((commit.version(), commit.state().position), (1, 7));
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn with_state(self) -> Changes<T, Arc<T>> {
        Changes::begin(self.source)
    }
}

impl<T: Clone + Send + Sync + 'static, S: Carried<T>> Changes<T, S> {
    fn begin(source: ChangesSource<T>) -> Self {
        Self { stream: source.subscribe(), source }
    }

    /// Sets how many commits may wait for the reader, at least 1. The default is 1,024.
    ///
    /// This restarts the stream: commits from before this call are lost.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// let mut changes = tv.changes().bound(2);
    /// (1..=5).for_each(|position| drop(tv.set(Tv::PATHS.position, position)));
    /// let lost = changes.next().await.expect("the model lives").unwrap_err();
    /// assert_eq!(lost.0, 3);
    /// # });
    /// ```
    pub fn bound(self, count: usize) -> Self {
        Self::begin(ChangesSource { bound: count.max(1), ..self.source })
    }

    /// Limits the stream to the commits that changed the places of `selector`, and to their
    /// effects at these places and below. `selector` is a place, a tuple of places, or an
    /// [`each()`](crate::path::Each).
    ///
    /// The places in the ops are those of the whole state. A write around a place is
    /// reported as a set of the place, or as its removal; a write around an `each()`, as a
    /// set of the collection. The same applies to a place behind an index of a list whose
    /// elements moved; its value is cloned for that. For a place without a value of its own
    /// in the JSON (a flattened field), the changes of the nearest containing place are
    /// reported.
    ///
    /// This restarts the stream: commits from before this call are lost.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// let mut changes = tv.changes().at(Tv::PATHS.position);
    /// tv.set(Tv::PATHS.url, Some("alien.mp4".into())); // not in the stream
    /// tv.update(|tv| (tv.url, tv.position) = (None, 7));
    /// let commit = changes.next().await.expect("the model lives")?;
    /// let paths: Vec<String> = commit.changes().map(|change| change.path()).collect();
    /// assert_eq!((commit.version(), paths), (2, vec!["position".to_owned()]));
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn at<P, K>(self, selector: P) -> Self
    where
        P: Selector<T, K>,
        P::Value: PartialEq + Clone + Send + Sync,
        P::__Select: SelectPlaces<T>,
    {
        let places = CommitPlaces::of(selector.__select(), *self.source.root);
        Self::begin(ChangesSource { places: Some(Arc::new(places)), ..self.source })
    }
}

impl<T: Clone + Send + Sync + 'static> ChangesSource<T> {
    fn subscribe<S: Carried<T>>(&self) -> EventStream<Commit<T, S>> {
        let (sender, receiver) = channel(self.bound);
        let Some(cell) = self.cell.upgrade() else {
            return EventStream::new(receiver, crate::Subscription::dead());
        };
        let send = move |commit: &TakenCommit<T, S>, _: &Delivered<'_, T>| {
            if let Some(commit) = commit.take() {
                sender.send(commit);
            }
        };
        cell.record(self.root);
        let commits = Commits { places: self.places.clone(), carries: PhantomData };
        EventStream::new(receiver, cell.subscribe(commits, subscriber(send), CallTime::AfterCommit))
    }
}

impl<T, S> Stream for Changes<T, S> {
    type Item = Result<Commit<T, S>, Lagged>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.stream).poll_next(cx)
    }
}

impl<T, S> fmt::Debug for Changes<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}

/// The part of the state that a commit carries.
#[doc(hidden)]
pub trait Carried<T>: Clone + Send + Sync + 'static {
    fn of(state: &Arc<T>) -> Self;
}

impl<T> Carried<T> for () {
    fn of(_: &Arc<T>) {}
}

impl<T: Send + Sync + 'static> Carried<T> for Arc<T> {
    fn of(state: &Arc<T>) -> Self {
        Arc::clone(state)
    }
}

/// A commit that its subscriber takes: each has a set of its own.
pub(super) type TakenCommit<T, S = ()> = Cell<Option<Commit<T, S>>>;

/// A selector of commits, as data.
pub(super) struct Commits<T, S> {
    places: Option<Arc<CommitPlaces<T>>>,
    carries: PhantomData<fn() -> S>,
}

impl<T> Commits<T, ()> {
    /// Every commit.
    pub(super) fn every() -> Self {
        Self { places: None, carries: PhantomData }
    }
}

impl<T: Send + Sync + 'static, S: Carried<T>> Select<T> for Commits<T, S> {
    type Captured = Commit<T, S>;
    type Resolved = TakenCommit<T, S>;
    type Item<'a> = &'a TakenCommit<T, S>;

    const PLAIN: bool = true;
    const RECORDS: bool = true;

    fn watch(&self, part: usize) -> Option<&dyn Watch<T>> {
        self.places.as_ref()?.watch(part)
    }

    fn watch_each(&self) -> Option<&dyn WatchEach<T>> {
        self.places.as_ref()?.watch_each()
    }

    fn capture(&self, state: &Arc<T>, commit: &CommitInfo<'_, T>) -> Commit<T, S> {
        self.capture_recorded(state, commit, commit.recorded().cloned().unwrap_or_default())
    }

    fn capture_recorded(
        &self,
        state: &Arc<T>,
        commit: &CommitInfo<'_, T>,
        Recorded(record): Recorded,
    ) -> Commit<T, S> {
        let (from, version) = (commit.from, commit.version);
        match record {
            Some(HeldRecord::Set(set)) if commit.origins.is_empty() && self.places.is_none() => {
                Commit::of_set(from, version, set, S::of(state))
            }
            record => Commit::of_whole(WholeCommit {
                from,
                version,
                origins: commit.origins.into(),
                places: self.places.as_ref().zip(record.as_ref()).map(|(places, record)| {
                    (Arc::clone(places), places.present(record.root(), &**state).into())
                }),
                record,
                state: S::of(state),
            }),
        }
    }

    fn discard(commit: Commit<T, S>) -> Option<UsersValue> {
        Some(Box::new(commit.into_values()))
    }

    fn resolve(&self, commit: Commit<T, S>) -> Option<TakenCommit<T, S>> {
        Some(TakenCommit::new(Some(commit)))
    }

    fn each_item(&self, commit: &TakenCommit<T, S>, mut call: impl FnMut(&TakenCommit<T, S>)) {
        call(commit);
    }
}
