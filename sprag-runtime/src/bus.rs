//! [`Bus`]: typed events, told at once to those who listen.
//!
//! Emitting is a walk over a snapshot of the listeners, in the emitter's thread:
//! no queue, no lock. What changes the listeners is under one lock of the bus,
//! which is never held while users' code runs.
//!
//! The bus knows nothing of caches and cells. They claim a name on it and emit
//! through their [`Claim`].

mod claim;
mod current;
mod depth;
mod listeners;
mod slot;
mod stream;
mod topic;
mod types;

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::event::Event;
use crate::subscription::Subscription;
use crate::sync::Mutex;

pub(crate) use claim::Claim;
#[cfg(feature = "service")]
pub(crate) use current::inside;
use listeners::Once;
use slot::Slot;
pub use topic::Topic;
use topic::TopicKey;
use types::Types;

/// Where events are emitted and listened to.
///
/// A handle: clones are the same bus. [`Bus::global`] is the one of the process; an
/// app has its own. [`Bus::current`] is the default of the `create_…` functions.
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
    core: Arc<Core>,
}

impl Bus {
    /// A bus of its own, without listeners.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// let bus = Bus::new();
    /// assert!(!bus.same(Bus::global()));
    /// ```
    pub fn new() -> Self {
        Self { core: Arc::new(Core::default()) }
    }

    /// The bus of the process.
    ///
    /// It is made at the first call and lives as long as the process.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event, Clone)]
    /// # #[event("storage:mount_changed")]
    /// # struct MountChanged { mounts: usize }
    /// let _log = Bus::global().on::<MountChanged>(|event| println!("{} mounts", event.mounts));
    /// Bus::global().emit(MountChanged { mounts: 3 });
    /// ```
    pub fn global() -> &'static Self {
        static GLOBAL: OnceLock<Bus> = OnceLock::new();
        GLOBAL.get_or_init(Self::new)
    }

    /// Tells the event to everyone who listens to its type, in order of
    /// subscription, and returns when the last has been told.
    ///
    /// Takes no lock. A listener that panics is reported and counted, and the
    /// others are still told. A listener that subscribes during the call is told
    /// from the next event on; one that is dropped during the call is not told
    /// any more.
    ///
    /// # Panics
    ///
    /// When more than 256 emits are inside each other on this thread, which is a
    /// feedback loop: the panic ends the listener that emitted last.
    ///
    /// It lasts as long as the listeners do, and nothing is kept for later ones.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event, Clone)]
    /// # #[event("storage:mount_changed")]
    /// # struct MountChanged { mounts: usize }
    /// # let bus = Bus::new();
    /// let _two = bus.on::<MountChanged>(|event| println!("{} mounts", event.mounts));
    /// bus.emit(MountChanged { mounts: 3 }); // prints before it returns
    /// ```
    pub fn emit<E: Event>(&self, event: E) {
        if let Some(slot) = self.core.types.get(TypeId::of::<E>()) {
            slot::typed::<E>(slot).tell(&event);
        }
    }

    /// Tells the event to everyone who listens to `topic`, as [`emit`](Self::emit)
    /// does.
    ///
    /// Looking the topic up takes a lock for as long as a lookup takes; the
    /// listeners are called without it.
    ///
    /// Who listens to the event's type hears nothing of it.
    ///
    /// # Panics
    ///
    /// As [`emit`](Self::emit).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event, Clone)]
    /// # #[event("storage:mount_changed")]
    /// # struct MountChanged { mounts: usize }
    /// # let bus = Bus::new();
    /// use sprag::Topic;
    ///
    /// let upstairs = Topic::new("upstairs:mount_changed");
    /// let _log = bus.on_topic(upstairs.clone(), |_: &MountChanged| println!("upstairs"));
    /// bus.emit_on(&upstairs, MountChanged { mounts: 3 }); // prints
    /// bus.emit(MountChanged { mounts: 4 }); // prints nothing: not on the topic
    /// ```
    pub fn emit_on<E: Event>(&self, topic: &Topic<E>, event: E) {
        let slot =
            self.core.registry.lock().named.get(&topic.key()).map(|named| named.slot.clone());
        if let Some(slot) = slot {
            slot::typed::<E>(&slot).tell(&event);
        }
    }

    /// Calls `listener` with every event of type `E` that is emitted from now on.
    ///
    /// It runs in the emitter's thread. It may subscribe, unsubscribe and emit.
    /// What it captures is dropped when the subscription is, or right after the
    /// calls that were then running.
    ///
    /// Subscribing takes a lock of the bus for a moment, and copies a part of the list of
    /// listeners.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event, Clone)]
    /// # #[event("storage:mount_changed")]
    /// # struct MountChanged { mounts: usize }
    /// # let bus = Bus::new();
    /// let listening = bus.on::<MountChanged>(|event| println!("{} mounts", event.mounts));
    /// bus.emit(MountChanged { mounts: 3 }); // prints
    /// drop(listening);
    /// bus.emit(MountChanged { mounts: 4 }); // prints nothing
    /// ```
    pub fn on<E: Event>(&self, listener: impl Fn(&E) + Send + Sync + 'static) -> Subscription {
        self.core.subscribe(None, Once::No, listener)
    }

    /// Calls `listener` with the next event of type `E`, and then no more: once,
    /// however many threads emit.
    ///
    /// Dropping the subscription before that unsubscribes.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event, Clone)]
    /// # #[event("storage:mount_changed")]
    /// # struct MountChanged { mounts: usize }
    /// # let bus = Bus::new();
    /// let _first = bus.once::<MountChanged>(|event| assert_eq!(event.mounts, 3));
    /// bus.emit(MountChanged { mounts: 3 });
    /// bus.emit(MountChanged { mounts: 4 }); // nobody hears it
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

    /// Calls `listener` with every event that an instance emits from now on:
    /// `bus.on_topic(drives.invalidated(), |event| …)`.
    ///
    /// The instance need not exist yet: a topic is known by its name.
    ///
    /// It is called as those of [`on`](Self::on). A name of its own, since one method
    /// cannot take one and two arguments.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// let tv = create_model("tv", 0_u64);
    /// tv.emit_events(&bus)?;
    /// let _log = bus.on_topic(tv.changed(), |event| println!("version {}", event.version));
    /// tv.update(|tv| *tv += 1); // prints
    /// # Ok::<(), sprag::error::BusError>(())
    /// ```
    pub fn on_topic<E: Event>(
        &self,
        topic: Topic<E>,
        listener: impl Fn(&E) + Send + Sync + 'static,
    ) -> Subscription {
        self.core.subscribe(Some(topic), Once::No, listener)
    }

    /// How many listeners the events of type `E` have.
    ///
    /// Takes no lock. Those of topics are not among them.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event, Clone)]
    /// # #[event("storage:mount_changed")]
    /// # struct MountChanged { mounts: usize }
    /// # let bus = Bus::new();
    /// let _one = bus.on::<MountChanged>(|_| ());
    /// assert_eq!(bus.listener_count::<MountChanged>(), 1);
    /// ```
    pub fn listener_count<E: Event>(&self) -> usize {
        self.core.types.get(TypeId::of::<E>()).map_or(0, |slot| slot::typed::<E>(slot).len())
    }

    /// How many listeners `topic` has on this bus.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let bus = Bus::new();
    /// let tv = create_model("tv", 0_u64);
    /// let _one = bus.on_topic(tv.changed(), |_| ());
    /// assert_eq!(bus.topic_listener_count(&tv.changed()), 1);
    /// ```
    pub fn topic_listener_count<E: Event>(&self, topic: &Topic<E>) -> usize {
        let registry = self.core.registry.lock();
        registry.named.get(&topic.key()).map_or(0, |named| slot::typed::<E>(&named.slot).len())
    }

    /// How many times a listener has panicked.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event, Clone)]
    /// # #[event("storage:mount_changed")]
    /// # struct MountChanged { mounts: usize }
    /// # let bus = Bus::new();
    /// let _bad = bus.on::<MountChanged>(|_| panic!("no screen"));
    /// bus.emit(MountChanged { mounts: 3 }); // reported through `tracing`, and returns
    /// assert_eq!(bus.panics(), 1);
    /// ```
    pub fn panics(&self) -> u64 {
        self.core.panics.load(Ordering::Relaxed)
    }

    /// What tells it from other buses while it lives.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.core).addr()
    }

    /// Whether both are handles of one bus.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// let bus = Bus::new();
    /// assert!(bus.same(&bus.clone()));
    /// assert!(!bus.same(&Bus::new()));
    /// ```
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.core, &other.core)
    }
}

impl Default for Bus {
    /// A bus of its own, as [`Bus::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus")
            .field("types", &self.core.types.len())
            .field("panics", &self.panics())
            .finish_non_exhaustive()
    }
}

/// A [`Slot`] of some event type.
type AnySlot = Arc<dyn Any + Send + Sync>;

#[derive(Default)]
struct Core {
    types: Types,
    registry: Mutex<Registry>,
    panics: AtomicU64,
}

#[derive(Default)]
struct Registry {
    /// The key of the next subscription; never given twice.
    next: u64,
    /// The topics that have a listener or are claimed.
    named: HashMap<TopicKey, Named>,
    /// The names that instances hold.
    claimed: HashSet<Arc<str>>,
}

struct Named {
    slot: AnySlot,
    /// Whether a [`Claim`] emits through `slot`.
    claimed: bool,
}

impl Core {
    fn subscribe<E: Event>(
        self: &Arc<Self>,
        topic: Option<Topic<E>>,
        once: Once,
        listener: impl Fn(&E) + Send + Sync + 'static,
    ) -> Subscription {
        let listener = Box::new(listener);
        let mut registry = self.registry.lock();
        let key = registry.next;
        registry.next += 1;
        let slot = match &topic {
            None => self.slot_of_type::<E>(),
            Some(topic) => self.slot_of_topic(&mut registry, topic),
        };
        let replaced = slot.list.push(key, once, listener);
        drop(registry);
        drop(replaced);
        let source: Arc<dyn crate::subscription::Source> = slot;
        Subscription::new(Arc::downgrade(&source), key)
    }

    fn slot_of_type<E: Event>(self: &Arc<Self>) -> Arc<Slot<E>> {
        let new = || -> AnySlot { Arc::new(Slot::<E>::new(self, None)) };
        slot::shared(self.types.get_or_add(TypeId::of::<E>(), new))
    }

    fn slot_of_topic<E: Event>(
        self: &Arc<Self>,
        registry: &mut Registry,
        topic: &Topic<E>,
    ) -> Arc<Slot<E>> {
        let named = registry.named.entry(topic.key()).or_insert_with(|| Named {
            slot: Arc::new(Slot::<E>::new(self, Some(topic.clone()))),
            claimed: false,
        });
        slot::shared(&named.slot)
    }
}
