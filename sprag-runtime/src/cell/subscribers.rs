//! The subscribers of one selector.

pub(super) mod snapshot;

use std::any::{Any, TypeId};
use std::sync::{Arc, Weak};

use self::snapshot::{AnyNotification, AnySubscribers, Callback, Recipients, Slot, Subscribers};
use super::Cell;
use super::index::{Marking, WatcherSet};
use super::selector::{CommitInfo, Select};
use super::watched::{Positions, Watch, WatchEach};
use crate::isolate::Isolated;
use crate::subscription::SubscriptionSource;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The positions of a selector's places. Runs the `Hash` of keys.
pub(super) fn positions<T, S: Select<T>>(select: &S) -> Positions {
    let mut positions = Positions::new();
    while let Some(watch) = select.watch(positions.len()) {
        positions.push(watch.position());
    }
    if let Some(each) = select.watch_each() {
        positions.push(each.position());
    }
    positions
}

/// The order in which the subscribers of a set are called, among the sets of one commit.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Phase {
    /// Before all others: caches that depend on places.
    First,
    /// In order.
    Usual,
}

/// A [`SubscriberSet`], whatever it selects.
pub(super) trait AnySubscriberSet<T: 'static>:
    WatcherSet<State = T, Subscribers = dyn AnySubscribers<T>>
{
    fn phase(&self) -> Phase;
    /// The type of the set.
    fn kind(&self) -> TypeId;
    /// Whether its subscribers use the written places.
    fn reads_changes(&self) -> bool;
    /// The number of its subscribers.
    fn live(&self) -> usize;
    fn is_empty(&self) -> bool {
        self.live() == 0
    }
    /// Its number, the first time only. Called under the core lock.
    fn retire(&self) -> Option<u32>;
    /// Drops every subscriber.
    fn close(&self);
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

pub(super) struct SubscriberSet<T: 'static, S: Select<T>> {
    /// The drainer or a guard's drop may drop it last, and neither may unwind.
    select: Arc<Isolated<S>>,
    /// The positions of `select`, kept because computing them runs the `Hash` of a key.
    positions: Positions,
    cell: Weak<Cell<T>>,
    me: Weak<Self>,
    phase: Phase,
    /// Greater than those of the sets that began before it in the cell.
    serial: u64,
    /// The last attempt that affected it. Written under the core lock.
    mark: AtomicU64,
    /// Its own in the [`SubscriberCache`](super::index::SubscriberCache).
    number: u32,
    retired: AtomicBool,
    /// Raised by every change of the subscribers, under `list`'s lock.
    generation: AtomicU64,
    list: Mutex<SubscriberList<T, S>>,
}

/// Guarded by `SubscriberSet::list`; no user code is called, cloned or dropped under it.
struct SubscriberList<T: 'static, S: Select<T>> {
    /// A delivery uses the snapshot that it found; a later change makes a copy.
    subscribers: Arc<Subscribers<T, S>>,
    /// The number of slots with a callback.
    live: usize,
    next_key: u64,
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> SubscriberList<T, S> {
    /// The slots, in a snapshot that no delivery uses.
    fn slots(&mut self) -> &mut Vec<Slot<T, S>> {
        // Not `Arc::make_mut`, which is ten times as much code for each selector. The two counts of
        // the `Arc` do not suffice: a write may upgrade its cached `Weak` between two reads.
        if Arc::get_mut(&mut self.subscribers).is_none() {
            self.subscribers = Arc::new(Subscribers::clone(&self.subscribers));
        }
        &mut Arc::get_mut(&mut self.subscribers).expect("no delivery has it").slots
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> SubscriberSet<T, S> {
    pub(super) fn new(
        select: S,
        positions: Positions,
        cell: Weak<Cell<T>>,
        phase: Phase,
        serial: u64,
        number: u32,
    ) -> Arc<Self> {
        let select = Arc::new(Isolated::new(select, "a selector"));
        Arc::new_cyclic(|me| {
            let nobody = Subscribers::nobody(Arc::clone(&select), Weak::clone(me), phase, serial);
            Self {
                select,
                positions,
                cell,
                me: Weak::clone(me),
                phase,
                serial,
                mark: AtomicU64::new(0),
                number,
                retired: AtomicBool::new(false),
                generation: AtomicU64::new(0),
                list: Mutex::new(SubscriberList {
                    subscribers: Arc::new(nobody),
                    live: 0,
                    next_key: 0,
                }),
            }
        })
    }

    /// Adds a subscriber, which receives the commits from now on.
    pub(super) fn add(&self, callback: Callback<T, S>) -> u64 {
        let mut list = self.list.lock();
        let key = list.next_key;
        list.next_key += 1;
        list.live += 1;
        let slots = list.slots();
        if slots.is_empty() {
            // Most sets have one subscriber.
            slots.reserve_exact(1);
        }
        slots.push(Slot { key, callback: Some(callback) });
        self.raise_generation();
        key
    }

    /// Removes a subscriber, for the caller to drop outside of every lock.
    pub(super) fn take(&self, key: u64) -> Option<Slot<T, S>> {
        let mut list = self.list.lock();
        let at = list.subscribers.find(key)?;
        let callback = Some(list.slots()[at].callback.take()?);
        list.live -= 1;
        // Slots are given back in bulk, which keeps a million drops linear.
        if list.live < list.subscribers.slots.len() / 2 {
            let live = list.live;
            let slots = list.slots();
            *slots = snapshot::live_slots(slots, live);
        }
        self.raise_generation();
        drop(list);
        let slot = Slot { key, callback };
        slot.silence();
        Some(slot)
    }

    /// Called under `list`'s lock, so that a load and a store do.
    fn raise_generation(&self) {
        let generation = self.generation.load(Ordering::Relaxed);
        self.generation.store(generation + 1, Ordering::Release);
    }

    /// The first notification for a new subscriber: it brings the present value to the
    /// `recipients`, or only the baseline that later values are compared with.
    pub(super) fn first_notification(
        &self,
        recipients: Recipients,
        state: &Arc<T>,
        version: u64,
    ) -> Box<dyn AnyNotification> {
        self.present().notification(recipients, state, &CommitInfo::present(version))
    }

    /// The present subscribers.
    pub(super) fn present(&self) -> Arc<Subscribers<T, S>> {
        Arc::clone(&self.list.lock().subscribers)
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> WatcherSet for SubscriberSet<T, S> {
    type State = T;
    type Subscribers = dyn AnySubscribers<T>;

    fn number(&self) -> u32 {
        self.number
    }

    fn positions(&self) -> &Positions {
        &self.positions
    }

    fn watch(&self, part: u32) -> &dyn Watch<T> {
        self.select
            .watch(part as usize)
            .expect("a set is linked at as many places as its selector has")
    }

    fn records(&self) -> bool {
        S::RECORDS
    }

    fn watch_each(&self) -> &dyn WatchEach<T> {
        self.select.watch_each().expect("a set at every entry has a selector of every entry")
    }

    fn affect(&self, marking: &mut Marking<'_, dyn AnySubscribers<T>>) {
        let Marking { attempt, cache, affected } = marking;
        if self.mark.load(Ordering::Relaxed) == *attempt {
            return;
        }
        self.mark.store(*attempt, Ordering::Relaxed);
        let generation = self.generation.load(Ordering::Acquire);
        let subscribers = cache.get(self.number, generation).unwrap_or_else(|| {
            let subscribers: Arc<dyn AnySubscribers<T>> = self.present();
            cache.put(self.number, generation, &subscribers);
            subscribers
        });
        match self.phase {
            Phase::First => affected.push_first(subscribers),
            Phase::Usual => affected.push(subscribers),
        }
        if S::RECORDS {
            affected.note_reader();
        }
    }

    fn is_affected(&self, attempt: u64) -> bool {
        self.mark.load(Ordering::Relaxed) == attempt
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> AnySubscriberSet<T> for SubscriberSet<T, S> {
    #[inline]
    fn phase(&self) -> Phase {
        self.phase
    }

    fn kind(&self) -> TypeId {
        TypeId::of::<Self>()
    }

    fn reads_changes(&self) -> bool {
        S::RECORDS
    }

    fn live(&self) -> usize {
        self.list.lock().live
    }

    fn retire(&self) -> Option<u32> {
        (!self.retired.swap(true, Ordering::Relaxed)).then_some(self.number)
    }

    fn close(&self) {
        let me = Weak::clone(&self.me);
        let nobody = Subscribers::nobody(Arc::clone(&self.select), me, self.phase, self.serial);
        let subscribers = {
            let mut list = self.list.lock();
            list.live = 0;
            self.raise_generation();
            std::mem::replace(&mut list.subscribers, Arc::new(nobody))
        };
        subscribers.slots.iter().for_each(Slot::silence);
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> SubscriptionSource for SubscriberSet<T, S> {
    fn unsubscribe(&self, key: u64) {
        let Some(slot) = self.take(key) else { return };
        if self.is_empty()
            && let Some(me) = self.me.upgrade()
        {
            Cell::orphan(&self.cell, me);
        }
        drop(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::super::selector::EveryCommit;
    use super::super::subscriber;
    use super::*;

    #[test]
    fn i8_subscribers_that_come_and_go_leave_no_room_behind_one_that_stays() {
        let positions = Positions::new();
        let set =
            SubscriberSet::<u8, _>::new(EveryCommit, positions, Weak::new(), Phase::Usual, 1, 0);
        let add = || set.add(subscriber::<_, EveryCommit, _>(|_, _| ()));
        let stays = add();
        for _ in 0..1_000 {
            assert!(set.take(add()).is_some());
        }
        let many: Vec<u64> = (0..1_000).map(|_| add()).collect();
        assert!(many.into_iter().all(|key| set.take(key).is_some()));

        assert!(set.take(stays + 1).is_none(), "it has gone");
        let slots = set.present().slots.len();
        assert!(set.live() == 1 && slots <= 2, "{slots}");
        assert!(set.take(stays).is_some() && set.is_empty());
    }
}
