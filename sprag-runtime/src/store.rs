//! [`Store`]: flat state whose subscribers see every write.
//!
//! A thin face over a [`Cell`], without places.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Weak};

use crate::bus::{Bus, Topic};
use crate::cell::{Calls, Cell, Draft, Every, Overlay, subscriber};
use crate::changed::Changed;
use crate::commit::Commit;
use crate::error::BusError;
use crate::path::Patch;
use crate::resource::Resource;
use crate::stream::{EveryItem, LatestItem, channel};
use crate::subscription::Subscription;

/// Creates a [`Store`].
///
/// # Panics
///
/// When `name` is empty.
#[track_caller]
pub fn create_store<T: Clone + Send + Sync + 'static>(
    name: impl Into<Arc<str>>,
    state: T,
) -> Store<T> {
    Store { cell: Cell::new(name.into(), state, 1) }
}

/// Flat state that many threads read, write and watch as a whole: counters, flags,
/// connections.
///
/// A `Store` is a handle: cloning it is cheap, and all clones are one store. When
/// the last one is dropped, so are the subscribers; a handle that a subscriber
/// captures counts as one, so use the callback's second argument there.
///
/// Writes, subscribers and panics are as those of a [`Model`](crate::Model), but
/// for one thing: a store's subscribers are called after every write, whether or
/// not it changed anything.
pub struct Store<T: 'static> {
    cell: Arc<Cell<T>>,
}

impl<T> Clone for Store<T> {
    fn clone(&self) -> Self {
        Self { cell: Arc::clone(&self.cell) }
    }
}

impl<T: Clone + Send + Sync + 'static> Store<T> {
    /// The name it was created with.
    pub fn name(&self) -> &str {
        self.cell.name()
    }

    /// How many commits there were.
    pub fn version(&self) -> u64 {
        self.cell.version()
    }

    /// How many calls of subscribers panicked so far.
    pub fn panics(&self) -> u64 {
        self.cell.panics()
    }

    /// The state as it is now, in O(1): the same as [`snapshot`](Self::snapshot).
    pub fn get(&self) -> Arc<T> {
        self.cell.snapshot()
    }

    /// The state as it is now, in O(1).
    ///
    /// It never changes. While it is held, the next write clones the state.
    pub fn snapshot(&self) -> Arc<T> {
        self.cell.snapshot()
    }

    /// Shows the present state to `f`, which runs outside of every lock.
    pub fn read<U>(&self, f: impl FnOnce(&T) -> U) -> U {
        f(&self.cell.snapshot())
    }

    /// Merges `patch` into the state: the fields that it names are replaced, in one
    /// commit. A patch that names none commits nothing.
    pub fn set<P: Patch<T>>(&self, patch: P) {
        self.cell.write(true, &mut Overlay { patch }, |_, write| !write.patch.is_empty());
    }

    /// Changes the state: `f` is given a clone of it, which then takes its place. If
    /// `f` panics, nothing is changed.
    ///
    /// `f` runs under the lock: it must not touch this store.
    pub fn update<U>(&self, f: impl FnOnce(&mut T) -> U) -> U {
        let Ok(value) = self.try_update(|state| Ok::<U, Infallible>(f(state)));
        value
    }

    /// As [`update`](Self::update); an `Err` leaves everything as it was.
    ///
    /// # Errors
    ///
    /// That of `f`.
    pub fn try_update<U, E>(&self, f: impl FnOnce(&mut T) -> Result<U, E>) -> Result<U, E> {
        self.cell.rewrite(|draft| f(draft.state_mut()))
    }

    /// Replaces the whole state and gives back the old one.
    pub fn replace(&self, state: T) -> Arc<T> {
        let mut draft = Draft::new(state);
        self.cell.write(true, &mut draft, |_, _| true);
        draft.into_old()
    }

    /// Takes the state and leaves its default.
    pub fn take(&self) -> Arc<T>
    where
        T: Default,
    {
        self.replace(T::default())
    }

    /// Goes back to the state it was created with.
    pub fn reset(&self) {
        self.replace(T::clone(self.cell.initial()));
    }

    /// Calls `callback` with a snapshot after every commit.
    pub fn subscribe<F>(&self, callback: F) -> Subscription
    where
        F: Fn(&Arc<T>, &Self) + Send + Sync + 'static,
    {
        self.subscribe_cell(callback, Calls::After)
    }

    /// As [`subscribe`](Self::subscribe), and calls `callback` with the present
    /// state first: before it returns, unless called inside a callback, inside an
    /// `update` of another model or store, or while another thread delivers. Nothing is shown twice or left out.
    pub fn subscribe_now<F>(&self, callback: F) -> Subscription
    where
        F: Fn(&Arc<T>, &Self) + Send + Sync + 'static,
    {
        self.subscribe_cell(callback, Calls::Now)
    }

    fn subscribe_cell<F>(&self, callback: F, calls: Calls) -> Subscription
    where
        F: Fn(&Arc<T>, &Self) + Send + Sync + 'static,
    {
        let callback = move |snapshot: &Arc<T>, change: &crate::change::Change<'_, T>| {
            callback(snapshot, &Self { cell: Arc::clone(change.cell) });
        };
        self.cell.subscribe(Every, subscriber(callback), calls)
    }

    /// The state as a stream: the present one, then the latest one whenever there
    /// was a write. At most one waits for the reader.
    ///
    /// The stream ends when the store is destroyed or dropped.
    pub fn watch(&self) -> LatestItem<Arc<T>> {
        let (sender, receiver) = channel(1);
        let subscription = self.subscribe_now(move |state, _| sender.send(Arc::clone(state)));
        LatestItem::new(receiver, subscription)
    }

    /// Every commit from now on.
    ///
    /// At most 1,024 commits wait for the reader. One that falls further behind
    /// loses the oldest, and its next item is [`Lagged`](crate::error::Lagged) with
    /// their number. Waiting commits hold their snapshots, so that writes clone the
    /// state meanwhile.
    pub fn changes(&self) -> EveryItem<Commit<T>> {
        self.cell.changes()
    }

    /// Emits [`Changed`] on `bus` after every commit from now on, on the topic
    /// `{name}:changed`.
    ///
    /// # Errors
    ///
    /// When another model or store of that name does so on `bus` already.
    pub fn emit_events(&self, bus: &Bus) -> Result<(), BusError> {
        self.cell.emit_events(bus)
    }

    /// The topic of [`Changed`], once it [emits events](Self::emit_events).
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
    pub fn flush(&self) {
        self.cell.flush();
    }

    /// Drops the subscribers. Later writes tell nobody, and later subscriptions are
    /// dead; the state stays readable.
    pub fn destroy(&self) {
        self.cell.destroy();
    }

    /// A handle that does not keep the store alive.
    pub fn downgrade(&self) -> WeakStore<T> {
        WeakStore { cell: Arc::downgrade(&self.cell) }
    }
}

impl<T: Clone + Send + Sync + 'static> Resource for Store<T> {
    fn release(&self) {
        self.destroy();
    }
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.cell).finish()
    }
}

/// A handle to a [`Store`] that does not keep it alive.
pub struct WeakStore<T: 'static> {
    cell: Weak<Cell<T>>,
}

impl<T> WeakStore<T> {
    /// The store, if a handle to it is left.
    pub fn upgrade(&self) -> Option<Store<T>> {
        self.cell.upgrade().map(|cell| Store { cell })
    }
}

impl<T> Clone for WeakStore<T> {
    fn clone(&self) -> Self {
        Self { cell: Weak::clone(&self.cell) }
    }
}

impl<T> fmt::Debug for WeakStore<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakStore")
    }
}
