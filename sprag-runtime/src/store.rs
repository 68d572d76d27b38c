//! [`Store`]: flat state whose subscribers see every write.
//!
//! A thin face over a [`Cell`], without places.

use std::sync::Arc;

use crate::cell::change::{Change, calling};
use crate::cell::origin::Origin;
use crate::cell::{CallTime, Cell, EveryCommit, PatchRoot};
use crate::path::Patch;
use crate::stream::{WatchStream, channel};
use crate::subscription::Subscription;

/// Creates a [`Store`].
///
/// # Panics
///
/// If `name` is empty.
///
/// ```
/// # use sprag::prelude::*;
/// let visits = create_store("visits", 0_u64);
/// visits.update(|visits| *visits += 1);
/// assert_eq!(*visits.get(), 1);
/// ```
#[track_caller]
pub fn create_store<T: Clone + Send + Sync + 'static>(
    name: impl Into<Arc<str>>,
    state: T,
) -> Store<T> {
    Store::of(Cell::new(name.into(), state, 1), None)
}

/// Flat state that many threads read, write and watch as a whole: counters, flags,
/// connections.
///
/// A `Store` is a handle: cloning is cheap, and all clones refer to the same store. When
/// the last handle is dropped, the subscribers are dropped as well. A handle that a
/// subscriber captures counts too, so use the callback's second argument in subscribers.
///
/// Writes, subscribers and panics work as in a [`Model`](crate::Model), with one
/// difference: a store's subscribers are called after every write, whether or not the write
/// changed anything.
///
/// The state must be `Clone`; [`set`](Self::set) needs a patch, which `#[derive(Model)]`
/// generates.
///
/// # Example
///
/// ```
/// use sprag::prelude::*;
///
/// #[derive(Model, Clone, Default)]
/// struct Connections {
///     count: u64,
///     active: Vec<String>,
/// }
///
/// let connections = create_store("connections", Connections::default());
/// let _log = connections.subscribe(|now, _store| println!("{} connected", now.count));
///
/// connections.set(ConnectionsPatch::new().count(1)); // prints before it returns
/// connections.update(|draft| draft.active.push("tv".into()));
/// assert_eq!(connections.get().active, ["tv"]);
/// ```
pub struct Store<T: 'static> {
    pub(crate) cell: Arc<Cell<T>>,
    /// Carried by the commits of this handle.
    pub(crate) origin: Option<Origin>,
}

impl<T> Clone for Store<T> {
    fn clone(&self) -> Self {
        Self { cell: Arc::clone(&self.cell), origin: self.origin.clone() }
    }
}

impl<T> Store<T> {
    pub(crate) fn of(cell: Arc<Cell<T>>, origin: Option<Origin>) -> Self {
        Self { cell, origin }
    }
}

impl<T: Clone + Send + Sync + 'static> Store<T> {
    /// Returns the present state, in O(1). The same as [`snapshot`](Self::snapshot).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// assert_eq!(connections.get().count, 0);
    /// ```
    pub fn get(&self) -> Arc<T> {
        self.cell.snapshot()
    }

    /// Merges `patch` into the state: the named fields are replaced, in one commit. A patch
    /// without fields commits nothing.
    ///
    /// Clones nothing, unless a snapshot is held.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// connections.set(ConnectionsPatch::new().count(1).active(vec!["tv".into()]));
    /// assert_eq!((connections.get().count, connections.version()), (1, 1));
    /// ```
    pub fn set<P: Patch<T>>(&self, patch: P) {
        self.writer().write(&mut PatchRoot { patch });
    }

    /// Takes the state and leaves its default.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// connections.set(ConnectionsPatch::new().count(1));
    /// assert_eq!(connections.take().count, 1);
    /// assert_eq!(connections.get().count, 0);
    /// ```
    pub fn take(&self) -> Arc<T>
    where
        T: Default,
    {
        self.replace(T::default())
    }

    /// Calls `callback` with a snapshot after every commit.
    ///
    /// The second argument describes the commit and returns the store.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let log = connections.subscribe(|now, change| println!("{}: {}", change.version(), now.count));
    /// connections.update(|draft| draft.count += 1); // prints
    /// drop(log); // unsubscribes
    /// ```
    pub fn subscribe<F>(&self, callback: F) -> Subscription
    where
        F: Fn(&Arc<T>, &Change<'_, Self>) + Send + Sync + 'static,
    {
        self.cell.subscribe(
            EveryCommit,
            calling::<Self, EveryCommit, F>(callback),
            CallTime::AfterCommit,
        )
    }

    /// Like [`subscribe`](Self::subscribe), and calls `callback` with the present state
    /// first: before this method returns, unless it is called inside a callback or inside
    /// an `update` of another model or store, or another thread is delivering. No state is
    /// passed twice or left out.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let _count = connections.subscribe_now(move |now, _| tell.send(now.count).unwrap());
    /// connections.update(|draft| draft.count += 1);
    /// assert_eq!(told.try_iter().collect::<Vec<_>>(), [0, 1]);
    /// ```
    pub fn subscribe_now<F>(&self, callback: F) -> Subscription
    where
        F: Fn(&Arc<T>, &Change<'_, Self>) + Send + Sync + 'static,
    {
        self.cell.subscribe(
            EveryCommit,
            calling::<Self, EveryCommit, F>(callback),
            CallTime::NowAndAfter,
        )
    }

    /// Returns a stream of the state: the present one, then the latest one whenever there
    /// was a write. At most one state waits for the reader.
    ///
    /// The stream ends when the store is destroyed or dropped.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// # pollster::block_on(async {
    /// use futures_util::StreamExt;
    ///
    /// let mut states = connections.watch();
    /// assert_eq!(states.next().await.expect("the store lives").count, 0);
    /// connections.update(|draft| draft.count = 1);
    /// connections.update(|draft| draft.count = 2); // before the reader comes back: 1 is skipped
    /// assert_eq!(states.next().await.expect("the store lives").count, 2);
    /// # });
    /// ```
    pub fn watch(&self) -> WatchStream<Arc<T>> {
        let (sender, receiver) = channel(1);
        let subscription = self.subscribe_now(move |state, _| sender.send(Arc::clone(state)));
        WatchStream::new(receiver, subscription)
    }
}

impl<T: Clone + Send + Sync> Change<'_, Store<T>> {
    /// The store, which may be at a later version by now.
    ///
    /// A write through this handle inside the callback is committed at once and delivered
    /// after the present batch. Like any other handle, this one keeps the store alive as
    /// long as it exists.
    ///
    /// ```
    /// # mod connections { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/connections.rs")); } use connections::*;
    /// # use sprag::prelude::*;
    /// # let connections = create_store("connections", Connections::default());
    /// let _limit = connections.subscribe(|now, change| {
    ///     if now.count > 3 {
    ///         change.store().update(|draft| draft.count = 3);
    ///     }
    /// });
    /// connections.update(|draft| draft.count = 7);
    /// assert_eq!(connections.get().count, 3);
    /// ```
    pub fn store(&self) -> Store<T> {
        Store::of(Arc::clone(self.cell()), None)
    }
}
