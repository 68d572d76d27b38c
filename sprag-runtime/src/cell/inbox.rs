//! One selection and who is subscribed to it.

use std::any::Any;
use std::sync::{Arc, Weak};

use smallvec::SmallVec;

use super::Cell;
use super::audience::{AnyAudience, AnyParcel, Audience, Callback, Slot, To};
use super::select::Select;
use super::site::{AnySite, Seat};
use super::table::Marking;
use crate::isolate::Isolated;
use crate::subscription::Source;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Where a selection looks.
pub type Sites = SmallVec<[Seat; 1]>;

/// The places of a selection. Runs the `Hash` of keys.
pub(super) fn sites<T, S: Select<T>>(select: &S) -> Sites {
    (0..).map_while(|part| select.site(part)).map(AnySite::seat).collect()
}

/// An [`Inbox`] whatever it selects.
pub(super) trait AnyInbox<T>: Send + Sync + 'static {
    /// The places whose changes touch it; none means every commit.
    fn sites(&self) -> &Sites;
    /// Adds its subscribers of now to those whom an attempt touches, unless it did
    /// already. Called under the core lock.
    fn touch(&self, marking: &mut Marking<'_, T>);
    /// The `part`th of its sites.
    fn site(&self, part: usize) -> &dyn AnySite<T>;
    /// Whether it is delivered before the others of a round.
    fn is_first(&self) -> bool;
    fn is_empty(&self) -> bool;
    /// Its number, the first time only. Called under the core lock.
    fn retire(&self) -> Option<usize>;
    /// Drops every subscriber.
    fn close(&self);
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

pub(super) struct Inbox<T: 'static, S: Select<T>> {
    /// The last to let go of it may be the drainer or a guard's drop, and neither may
    /// unwind.
    select: Arc<Isolated<S>>,
    /// Those of `select`, kept because asking runs the `Hash` of a key.
    sites: Sites,
    cell: Weak<Cell<T>>,
    me: Weak<Self>,
    first: bool,
    /// The last attempt that touched it. Written under the core lock.
    mark: AtomicU64,
    /// Its own in [`Recent`].
    number: usize,
    retired: AtomicBool,
    /// Raised by every change of the audience, under `inner`.
    generation: AtomicU64,
    inner: Mutex<Inner<T, S>>,
}

/// Guarded by `Inbox::inner`; nothing of the user's is called, cloned or dropped
/// under it.
struct Inner<T: 'static, S: Select<T>> {
    /// A delivery goes through it as it found it; whoever changes it meanwhile
    /// changes a copy.
    audience: Arc<Audience<T, S>>,
    /// How many of its slots are taken.
    live: usize,
    next_key: u64,
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> Inbox<T, S> {
    pub(super) fn new(
        select: S,
        sites: Sites,
        cell: Weak<Cell<T>>,
        first: bool,
        number: usize,
    ) -> Arc<Self> {
        let select = Arc::new(Isolated::new(select, "a selector"));
        Arc::new_cyclic(|me| {
            let audience = Audience::nobody(Arc::clone(&select), Weak::clone(me), first);
            Self {
                select,
                sites,
                cell,
                me: Weak::clone(me),
                first,
                mark: AtomicU64::new(0),
                number,
                retired: AtomicBool::new(false),
                generation: AtomicU64::new(0),
                inner: Mutex::new(Inner { audience: Arc::new(audience), live: 0, next_key: 0 }),
            }
        })
    }

    /// Adds a subscriber; it is shown what is committed from now on.
    pub(super) fn add(&self, callback: Callback<T, S>) -> u64 {
        let mut inner = self.inner.lock();
        let key = inner.next_key;
        inner.next_key += 1;
        inner.live += 1;
        let slots = &mut Arc::make_mut(&mut inner.audience).slots;
        if slots.is_empty() {
            // Most inboxes have one subscriber.
            slots.reserve_exact(1);
        }
        slots.push(Slot { key, callback: Some(callback) });
        self.raise_generation();
        key
    }

    /// Takes a subscriber out, for the caller to drop outside of every lock.
    pub(super) fn take(&self, key: u64) -> Option<Slot<T, S>> {
        let mut inner = self.inner.lock();
        let at = inner.audience.find(key)?;
        let slots = &mut Arc::make_mut(&mut inner.audience).slots;
        let callback = Some(slots[at].callback.take()?);
        inner.live -= 1;
        // Slots are given back in bulk, which keeps a million drops linear.
        if inner.live < inner.audience.slots.len() / 2 {
            let slots = &mut Arc::make_mut(&mut inner.audience).slots;
            slots.retain(|slot| slot.callback.is_some());
            slots.shrink_to_fit();
        }
        self.raise_generation();
        drop(inner);
        let slot = Slot { key, callback };
        slot.silence();
        Some(slot)
    }

    /// Called under `inner`'s lock, so that a load and a store do.
    fn raise_generation(&self) {
        let generation = self.generation.load(Ordering::Relaxed);
        self.generation.store(generation + 1, Ordering::Release);
    }

    /// Makes the first delivery to a new subscriber: of the present value, or without
    /// `call` of what later ones are compared with.
    pub(super) fn greet(
        &self,
        key: u64,
        call: bool,
        state: &Arc<T>,
        version: u64,
    ) -> Box<dyn AnyParcel<T>> {
        let to = if call { To::One(key) } else { To::Nobody };
        self.present().pack_for(to, state, version, &[])
    }

    /// The subscribers of now.
    pub(super) fn present(&self) -> Arc<Audience<T, S>> {
        Arc::clone(&self.inner.lock().audience)
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> AnyInbox<T> for Inbox<T, S> {
    fn sites(&self) -> &Sites {
        &self.sites
    }

    fn touch(&self, marking: &mut Marking<'_, T>) {
        let Marking { attempt, recent, touched } = marking;
        if self.mark.load(Ordering::Relaxed) == *attempt {
            return;
        }
        self.mark.store(*attempt, Ordering::Relaxed);
        let generation = self.generation.load(Ordering::Acquire);
        let audience = recent.get(self.number, generation).unwrap_or_else(|| {
            let audience: Arc<dyn AnyAudience<T>> = self.present();
            recent.put(self.number, generation, &audience);
            audience
        });
        touched.push(audience, self.first, S::EDITS);
    }

    fn site(&self, part: usize) -> &dyn AnySite<T> {
        self.select.site(part).expect("it was linked at as many places as it has")
    }

    fn is_first(&self) -> bool {
        self.first
    }

    fn retire(&self) -> Option<usize> {
        (!self.retired.swap(true, Ordering::Relaxed)).then_some(self.number)
    }

    fn is_empty(&self) -> bool {
        self.inner.lock().live == 0
    }

    fn close(&self) {
        let nobody = Audience::nobody(Arc::clone(&self.select), Weak::clone(&self.me), self.first);
        let nobody = Arc::new(nobody);
        let audience = {
            let mut inner = self.inner.lock();
            inner.live = 0;
            self.raise_generation();
            std::mem::replace(&mut inner.audience, nobody)
        };
        audience.slots.iter().for_each(Slot::silence);
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> Source for Inbox<T, S> {
    fn unsubscribe(&self, key: u64) {
        let Some(slot) = self.take(key) else { return };
        if self.is_empty()
            && let (Some(cell), Some(me)) = (self.cell.upgrade(), self.me.upgrade())
        {
            cell.orphan(me);
        }
        drop(slot);
    }
}
