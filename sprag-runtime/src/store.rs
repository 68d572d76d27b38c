//! [`Store`]: flat state whose subscribers see every write.
//!
//! A thin face over a [`Cell`], without places.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Weak};

use crate::bus::{Bus, Topic};
use crate::cell::changed::Changed;
use crate::cell::commit::Commit;
use crate::cell::{CallTime, Cell, Draft, EveryCommit, PatchRoot, subscriber};
use crate::error::BusError;
use crate::path::Patch;
use crate::resource::Resource;
use crate::stream::{EventStream, WatchStream, channel};
use crate::subscription::Subscription;

/// Creates a [`Store`].
///
/// # Panics
///
/// When `name` is empty.
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
///
/// The state need only be `Clone`; [`set`](Self::set) wants a patch, which
/// `#[derive(Model)]` makes.
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
}

impl<T> Clone for Store<T> {
    fn clone(&self) -> Self {
        Self { cell: Arc::clone(&self.cell) }
    }
}

impl<T: Clone + Send + Sync + 'static> Store<T> {
    /// The name it was created with.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// assert_eq!(connections.name(), "connections");
    /// ```
    pub fn name(&self) -> &str {
        self.cell.name()
    }

    /// How many commits there were.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// connections.update(|_| ()); // a write that changes nothing is a commit too
    /// assert_eq!(connections.version(), 1);
    /// ```
    pub fn version(&self) -> u64 {
        self.cell.version()
    }

    /// How many calls of subscribers panicked so far.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let _bad = connections.subscribe(|_, _| panic!("no screen"));
    /// connections.reset(); // the panic is reported through `tracing`
    /// assert_eq!(connections.panics(), 1);
    /// ```
    pub fn panics(&self) -> u64 {
        self.cell.panics()
    }

    /// The state as it is now, in O(1): the same as [`snapshot`](Self::snapshot).
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

    /// The state as it is now, in O(1).
    ///
    /// It never changes. While it is held, the next write clones the state.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let before = connections.snapshot();
    /// connections.update(|draft| draft.count = 1);
    /// assert_eq!((before.count, connections.snapshot().count), (0, 1));
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
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let idle = connections.read(|now| now.active.is_empty());
    /// assert!(idle);
    /// ```
    pub fn read<U>(&self, f: impl FnOnce(&T) -> U) -> U {
        f(&self.cell.snapshot())
    }

    /// Merges `patch` into the state: the fields that it names are replaced, in one
    /// commit. A patch that names none commits nothing.
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
        self.cell.write(&mut PatchRoot { patch });
    }

    /// Changes the state: `f` is given a clone of it, which then takes its place. If
    /// `f` panics, nothing is changed.
    ///
    /// `f` runs under the lock: it must not touch this store.
    ///
    /// What `f` returns comes back. The clone costs O(n) in the size of the state.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let count = connections.update(|draft| {
    ///     draft.count += 1;
    ///     draft.count
    /// });
    /// assert_eq!(count, 1);
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
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let refused = connections.try_update(|draft| {
    ///     draft.count += 1;
    ///     if draft.count > 0 { Err("full") } else { Ok(()) }
    /// });
    /// assert_eq!((refused, connections.get().count), (Err("full"), 0));
    /// ```
    pub fn try_update<U, E>(&self, f: impl FnOnce(&mut T) -> Result<U, E>) -> Result<U, E> {
        self.cell.rewrite(|draft| f(draft.state_mut()))
    }

    /// Replaces the whole state and gives back the old one.
    ///
    /// Clones nothing.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let old = connections.replace(Connections { count: 1, active: vec!["tv".into()] });
    /// assert_eq!((old.count, connections.get().count), (0, 1));
    /// ```
    pub fn replace(&self, state: T) -> Arc<T> {
        let mut draft = Draft::new(state);
        self.cell.write(&mut draft);
        draft.into_old()
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

    /// Goes back to the state it was created with.
    ///
    /// A [`replace`](Self::replace) by a clone of that state, which the store keeps.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// connections.set(ConnectionsPatch::new().count(1));
    /// connections.reset();
    /// assert_eq!(connections.get().count, 0);
    /// ```
    pub fn reset(&self) {
        self.replace(T::clone(self.cell.initial()));
    }

    /// CallTime `callback` with a snapshot after every commit.
    ///
    /// The store that it is given is a handle for the time of the call.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let log = connections.subscribe(|now, store| println!("{}: {}", store.name(), now.count));
    /// connections.update(|draft| draft.count += 1); // prints
    /// drop(log); // unsubscribes
    /// ```
    pub fn subscribe<F>(&self, callback: F) -> Subscription
    where
        F: Fn(&Arc<T>, &Self) + Send + Sync + 'static,
    {
        self.subscribe_cell(callback, CallTime::AfterCommit)
    }

    /// As [`subscribe`](Self::subscribe), and calls `callback` with the present
    /// state first: before it returns, unless called inside a callback, inside an
    /// `update` of another model or store, or while another thread delivers. Nothing is shown twice or left out.
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
        F: Fn(&Arc<T>, &Self) + Send + Sync + 'static,
    {
        self.subscribe_cell(callback, CallTime::NowAndAfter)
    }

    fn subscribe_cell<F>(&self, callback: F, calls: CallTime) -> Subscription
    where
        F: Fn(&Arc<T>, &Self) + Send + Sync + 'static,
    {
        let callback = move |snapshot: &Arc<T>, change: &crate::cell::change::Change<'_, T>| {
            callback(snapshot, &Self { cell: Arc::clone(change.cell) });
        };
        self.cell.subscribe(EveryCommit, subscriber(callback), calls)
    }

    /// The state as a stream: the present one, then the latest one whenever there
    /// was a write. At most one waits for the reader.
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

    /// Every commit from now on.
    ///
    /// At most 1,024 commits wait for the reader. One that falls further behind
    /// loses the oldest, and its next item is [`Lagged`](crate::error::Lagged) with
    /// their number. Waiting commits hold their snapshots, so that writes clone the
    /// state meanwhile.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// # pollster::block_on(async {
    /// use futures_util::StreamExt;
    ///
    /// let mut changes = connections.changes();
    /// connections.update(|draft| draft.count += 1);
    /// let commit = changes.next().await.expect("the store lives")?;
    /// assert_eq!((commit.version(), commit.state().count), (1, 1));
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
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let bus = Bus::new();
    /// connections.emit_events(&bus)?;
    /// let _log = bus.on_topic(&connections.changed(), |event| println!("{}", event.state.count));
    /// connections.update(|draft| draft.count += 1); // prints
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
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// assert_eq!(connections.changed().name(), "connections:changed");
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
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let other = connections.clone();
    /// let writer = std::thread::spawn(move || other.update(|draft| draft.count += 1));
    /// connections.update(|draft| draft.count += 1); // perhaps the other thread delivers it
    /// connections.flush(); // it is delivered
    /// # writer.join().unwrap();
    /// ```
    pub fn flush(&self) {
        self.cell.flush();
    }

    /// Drops the subscribers. Later writes tell nobody, and later subscriptions are
    /// dead; the state stays readable.
    ///
    /// A service that owns the store calls it when it stops. A second call does nothing.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let _log = connections.subscribe(|now, _| println!("{}", now.count));
    /// connections.destroy();
    /// connections.update(|draft| draft.count += 1); // prints nothing
    /// assert_eq!(connections.get().count, 1);
    /// ```
    pub fn destroy(&self) {
        self.cell.destroy();
    }

    /// A handle that does not keep the store alive.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let weak = connections.downgrade();
    /// drop(connections);
    /// assert!(weak.upgrade().is_none());
    /// ```
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
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default)]
/// # struct Connections { count: u64, active: Vec<String> }
/// # let connections = create_store("connections", Connections::default());
/// let weak = connections.downgrade();
/// assert_eq!(weak.upgrade().map(|connections| connections.get().count), Some(0));
/// ```
pub struct WeakStore<T: 'static> {
    cell: Weak<Cell<T>>,
}

impl<T> WeakStore<T> {
    /// The store, if a handle to it is left.
    ///
    /// The store that it gives keeps it alive from then on.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default)]
    /// # struct Connections { count: u64, active: Vec<String> }
    /// # let connections = create_store("connections", Connections::default());
    /// let weak = connections.downgrade();
    /// drop(connections);
    /// assert!(weak.upgrade().is_none());
    /// ```
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
