//! [`Bus`]: typed events, delivered to their listeners before `emit` returns.
//!
//! Emitting walks a snapshot of the listeners in the emitter's thread: no queue, no
//! lock. One lock of the bus guards changes of the listeners; users' code never runs
//! while a thread holds this lock.
//!
//! The bus does not know caches and cells. These claim a name on the bus and emit through
//! their `Claim`.

mod claim;
mod current;
mod dispatcher;
mod event;
mod event_types;
mod feedback;
mod listeners;
mod topic;

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::stream::{EventStream, channel};
use crate::subscription::{Subscription, SubscriptionSource};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};

pub(crate) use claim::Claim;
#[cfg(feature = "test")]
pub(crate) use current::inside;
#[cfg(feature = "service")]
pub(crate) use current::with_current;
use dispatcher::{Dispatcher, ErasedDispatcher};
pub use event::Event;
use event_types::EventTypes;
use listeners::Once;
pub use topic::Topic;
use topic::TopicKey;

/// How many events wait for the reader of a stream at most.
const STREAM_BOUND: usize = 1024;

/// Delivers events to listeners, by the event's type or by [`Topic`].
///
/// A handle: clones are the same bus. [`Bus::global`] is the bus of the process; an
/// app has a bus of its own. [`Bus::current`] is the default of the `create_…`
/// functions.
///
/// ```
/// use sprag::prelude::*;
///
/// #[derive(Event)]
/// #[event("storage:mount_changed")]
/// struct MountChanged {
///     mounts: usize,
/// }
///
/// let bus = Bus::new();
/// let listening = bus.on::<MountChanged>(|event| println!("{} mounts", event.mounts));
///
/// bus.emit(MountChanged { mounts: 3 }); // prints before it returns
/// drop(listening);
/// assert_eq!(bus.listener_count::<MountChanged>(), 0);
/// ```
#[derive(Clone)]
pub struct Bus {
    core: Arc<BusCore>,
}

impl Bus {
    /// Creates a bus without listeners.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// let bus = Bus::new();
    /// assert!(!bus.is_same(Bus::global()));
    /// ```
    pub fn new() -> Self {
        Self { core: Arc::new(BusCore::default()) }
    }

    /// Returns the bus of the process.
    ///
    /// The first call creates the bus; it lives as long as the process.
    ///
    /// ```
    /// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
    /// # use sprag::prelude::*;
    /// let _log = Bus::global().on::<MountChanged>(|event| println!("{} mounts", event.mounts));
    /// Bus::global().emit(MountChanged { mounts: 3 });
    /// ```
    pub fn global() -> &'static Self {
        static GLOBAL: OnceLock<Bus> = OnceLock::new();
        GLOBAL.get_or_init(Self::new)
    }

    /// Calls every listener of the event's type, in order of subscription, in this
    /// thread.
    ///
    /// Takes no lock, and blocks for as long as the listeners run. The bus keeps
    /// nothing for later listeners. A listener that panics is reported and counted;
    /// the others still run. A listener that is subscribed during the call receives
    /// the next event; a listener that is unsubscribed during the call is not called
    /// any more.
    ///
    /// # Panics
    ///
    /// In a feedback loop: when more than 256 emits are nested on this thread, or when one
    /// outermost emit has caused more than 10,000 emits of events that were being delivered
    /// already. The panic ends the listener that emitted last.
    ///
    /// ```
    /// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// let _log = bus.on::<MountChanged>(|event| println!("{} mounts", event.mounts));
    /// bus.emit(MountChanged { mounts: 3 }); // prints before it returns
    /// ```
    pub fn emit<E: Event>(&self, event: E) {
        if let Some(dispatcher) = self.core.types.get(TypeId::of::<E>()) {
            dispatcher::typed::<E>(dispatcher).dispatch(&event);
        }
    }

    /// Calls every listener of `topic`, like [`emit`](Self::emit).
    ///
    /// Listeners of the event's type, subscribed with [`on`](Self::on), are not called.
    ///
    /// Locks the registry of topics for one lookup; the listeners run after unlock.
    ///
    /// # Panics
    ///
    /// The same as for [`emit`](Self::emit).
    ///
    /// ```
    /// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// use sprag::bus::Topic;
    ///
    /// let upstairs = Topic::new("upstairs:mount_changed");
    /// let _log = bus.on_topic(&upstairs, |_: &MountChanged| println!("upstairs"));
    /// bus.emit_topic(&upstairs, MountChanged { mounts: 3 }); // prints
    /// bus.emit(MountChanged { mounts: 4 }); // prints nothing: not on the topic
    /// ```
    pub fn emit_topic<E: Event>(&self, topic: &Topic<E>, event: E) {
        let key = topic.key();
        let dispatcher =
            self.core.registry.lock().topics.get(&key).map(|entry| entry.dispatcher.clone());
        if let Some(dispatcher) = dispatcher {
            dispatcher::typed::<E>(&dispatcher).dispatch(&event);
        }
    }

    /// Calls `listener` with every later event of type `E`.
    ///
    /// The listener runs in the emitter's thread and may subscribe, unsubscribe and emit.
    /// Dropping the subscription drops the listener's captures, at the latest after the
    /// calls that are running.
    ///
    /// Locks the bus and copies one chunk of its list of listeners (at most 256).
    ///
    /// ```
    /// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// let listening = bus.on::<MountChanged>(|event| println!("{} mounts", event.mounts));
    /// bus.emit(MountChanged { mounts: 3 }); // prints
    /// drop(listening);
    /// bus.emit(MountChanged { mounts: 4 }); // prints nothing
    /// ```
    pub fn on<E: Event>(&self, listener: impl Fn(&E) + Send + Sync + 'static) -> Subscription {
        self.core.subscribe(None, Once::No, listener)
    }

    /// Calls `listener` with the next event of type `E` and then unsubscribes it: one
    /// call, however many threads emit.
    ///
    /// Dropping the subscription before that call cancels it.
    ///
    /// ```
    /// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// let _first = bus.once::<MountChanged>(|event| assert_eq!(event.mounts, 3));
    /// bus.emit(MountChanged { mounts: 3 });
    /// bus.emit(MountChanged { mounts: 4 }); // no listener is left
    /// assert_eq!((bus.listener_count::<MountChanged>(), bus.panics()), (0, 0));
    /// ```
    pub fn once<E: Event>(
        &self,
        listener: impl FnOnce(&E) + Send + Sync + 'static,
    ) -> Subscription {
        let listener = Mutex::new(Some(listener));
        self.core.subscribe(None, Once::Yes, move |event| {
            let listener = listener.lock().take();
            if let Some(listener) = listener {
                listener(event);
            }
        })
    }

    /// Calls `listener` with every later event of `topic`:
    /// `bus.on_topic(&drives.invalidated(), |event| …)`.
    ///
    /// A topic is found by its name, so the instance may be created later. Otherwise this
    /// is like [`on`](Self::on).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// let tv = create_model("tv", 0_u64);
    /// tv.emit_events(&bus)?;
    /// let _log = bus.on_topic(&tv.changed(), |event| println!("version {}", event.version));
    /// tv.update(|tv| *tv += 1); // prints
    /// # Ok::<(), sprag::error::BusError>(())
    /// ```
    pub fn on_topic<E: Event>(
        &self,
        topic: &Topic<E>,
        listener: impl Fn(&E) + Send + Sync + 'static,
    ) -> Subscription {
        self.core.subscribe(Some(topic), Once::No, listener)
    }

    /// Streams every later event of type `E`.
    ///
    /// At most 1,024 events wait for the reader. A slower reader loses the oldest
    /// events, and its next item is [`Lagged`](crate::error::Lagged) with their number.
    /// Each stream costs an emit one clone of the event. The stream ends with the bus.
    ///
    /// ```
    /// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// # pollster::block_on(async {
    /// use futures_util::StreamExt;
    ///
    /// let mut mounts = bus.stream::<MountChanged>();
    /// bus.emit(MountChanged { mounts: 3 });
    /// let event = mounts.next().await.expect("the bus lives")?;
    /// assert_eq!(event.mounts, 3);
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn stream<E: Event + Clone>(&self) -> EventStream<E> {
        let (sender, receiver) = channel(STREAM_BOUND);
        let subscription = self.on::<E>(move |event| sender.send(event.clone()));
        EventStream::new(receiver, subscription)
    }

    /// Counts the listeners of events of type `E`; listeners of topics are not among
    /// them.
    ///
    /// Takes no lock.
    ///
    /// ```
    /// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// let _one = bus.on::<MountChanged>(|_| ());
    /// assert_eq!(bus.listener_count::<MountChanged>(), 1);
    /// ```
    pub fn listener_count<E: Event>(&self) -> usize {
        let dispatcher = self.core.types.get(TypeId::of::<E>());
        dispatcher.map_or(0, |dispatcher| dispatcher::typed::<E>(dispatcher).len())
    }

    /// Counts the listeners of `topic` on this bus.
    ///
    /// Locks the registry of topics for one lookup.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// let tv = create_model("tv", 0_u64);
    /// let _one = bus.on_topic(&tv.changed(), |_| ());
    /// assert_eq!(bus.topic_listener_count(&tv.changed()), 1);
    /// ```
    pub fn topic_listener_count<E: Event>(&self, topic: &Topic<E>) -> usize {
        let registry = self.core.registry.lock();
        let entry = registry.topics.get(&topic.key());
        entry.map_or(0, |entry| dispatcher::typed::<E>(&entry.dispatcher).len())
    }

    /// Returns how many calls of listeners have panicked.
    ///
    /// ```
    /// # mod events { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/events.rs")); } use events::*;
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// let _bad = bus.on::<MountChanged>(|_| panic!("no screen"));
    /// bus.emit(MountChanged { mounts: 3 }); // reported through `tracing`, and returns
    /// assert_eq!(bus.panics(), 1);
    /// ```
    pub fn panics(&self) -> u64 {
        self.core.panics.load(Ordering::Relaxed)
    }

    /// Returns whether both are handles of one bus.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// let bus = Bus::new();
    /// assert!(bus.is_same(&bus.clone()));
    /// assert!(!bus.is_same(&Bus::new()));
    /// ```
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.core, &other.core)
    }

    /// The names of the events that have listeners, each with the number of those.
    pub(crate) fn listeners(&self) -> BTreeMap<String, usize> {
        let mut listeners = BTreeMap::new();
        let mut count = |dispatcher: &AnyDispatcher| {
            if let (name, count @ 1..) = dispatcher.listeners() {
                *listeners.entry(name.to_owned()).or_default() += count;
            }
        };
        self.core.types.iter().for_each(&mut count);
        let registry = self.core.registry.lock();
        registry.topics.values().map(|entry| &entry.dispatcher).for_each(count);
        listeners
    }

    /// Identifies the bus among all existing ones.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.core).addr()
    }
}

impl Default for Bus {
    /// Creates a bus without listeners, as [`Bus::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus")
            .field("listeners", &self.listeners())
            .field("panics", &self.panics())
            .finish_non_exhaustive()
    }
}

/// A [`Dispatcher`] of some event type.
type AnyDispatcher = Arc<dyn ErasedDispatcher>;

#[derive(Default)]
struct BusCore {
    types: EventTypes,
    registry: Mutex<BusRegistry>,
    panics: AtomicU64,
}

#[derive(Default)]
struct BusRegistry {
    /// The key of the next subscription; each key is given once.
    next_key: u64,
    /// The topics that have a listener or are claimed.
    topics: HashMap<TopicKey, TopicEntry>,
    /// The names that instances hold.
    claimed: HashSet<Arc<str>>,
}

struct TopicEntry {
    dispatcher: AnyDispatcher,
    /// Whether a [`Claim`] emits through `dispatcher`.
    claimed: bool,
}

impl BusCore {
    fn subscribe<E: Event>(
        self: &Arc<Self>,
        topic: Option<&Topic<E>>,
        once: Once,
        listener: impl Fn(&E) + Send + Sync + 'static,
    ) -> Subscription {
        let listener = Box::new(listener);
        let mut registry = self.registry.lock();
        let key = registry.next_key;
        registry.next_key += 1;
        let dispatcher = match topic {
            None => self.dispatcher_of_type::<E>(),
            Some(topic) => self.dispatcher_of_topic(&mut registry, topic),
        };
        let replaced = dispatcher.listeners.push(key, once, listener);
        drop(registry);
        drop(replaced);
        let source: Arc<dyn SubscriptionSource> = dispatcher;
        Subscription::new(Arc::downgrade(&source), key)
    }

    fn dispatcher_of_type<E: Event>(self: &Arc<Self>) -> Arc<Dispatcher<E>> {
        let new = || -> AnyDispatcher { Arc::new(Dispatcher::<E>::new(self, None)) };
        dispatcher::shared(self.types.get_or_add(TypeId::of::<E>(), new))
    }

    fn dispatcher_of_topic<E: Event>(
        self: &Arc<Self>,
        registry: &mut BusRegistry,
        topic: &Topic<E>,
    ) -> Arc<Dispatcher<E>> {
        let entry = registry.topics.entry(topic.key()).or_insert_with(|| TopicEntry {
            dispatcher: Arc::new(Dispatcher::<E>::new(self, Some(topic.clone()))),
            claimed: false,
        });
        dispatcher::shared(&entry.dispatcher)
    }
}
