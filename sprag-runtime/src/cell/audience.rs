//! The subscribers of one selection at one moment, and how they are shown a commit:
//! at once, or later by a parcel. It knows neither the table nor the queue.

use std::sync::{Arc, Weak};

use super::Cell;
use super::delivery::depth;
use super::inbox::Inbox;
use super::made::Made;
use super::select::{Select, UsersValue};
use super::write::Edit;
use crate::change::Change;
use crate::isolate::{Isolated, isolated};
use crate::sync::atomic::{AtomicBool, Ordering};

/// What is called, whatever its type.
type Call<T, S> = dyn for<'a> Fn(<S as Select<T>>::Item<'a>, &Change<'_, T>) + Send + Sync;

/// What a subscriber gave to be called.
pub(crate) type Callback<T, S> = Arc<Subscriber<Call<T, S>>>;

/// A callback, in one allocation with what belongs to it.
pub(crate) struct Subscriber<F: ?Sized> {
    /// Cleared when its guard is dropped.
    alive: AtomicBool,
    call: F,
}

/// What calls `call`.
pub(crate) fn subscriber<T: 'static, S: Select<T>, F>(call: F) -> Callback<T, S>
where
    F: for<'a> Fn(S::Item<'a>, &Change<'_, T>) + Send + Sync + 'static,
{
    Arc::new(Subscriber { alive: AtomicBool::new(true), call })
}

/// The place of one subscriber in an audience.
pub(super) struct Slot<T: 'static, S: Select<T>> {
    pub(super) key: u64,
    /// `None` once it is unsubscribed.
    pub(super) callback: Option<Callback<T, S>>,
}

impl<T, S: Select<T>> Slot<T, S> {
    /// Makes sure that it is not called again.
    pub(super) fn silence(&self) {
        if let Some(subscriber) = &self.callback {
            subscriber.alive.store(false, Ordering::Release);
        }
    }
}

impl<T, S: Select<T>> Clone for Slot<T, S> {
    fn clone(&self) -> Self {
        Self { key: self.key, callback: self.callback.clone() }
    }
}

impl<T, S: Select<T>> Drop for Slot<T, S> {
    /// What a callback captured may panic when dropped, and the last to let go of it
    /// may be the drainer or a guard's drop, neither of which may unwind.
    fn drop(&mut self) {
        if let Some(callback) = self.callback.take() {
            isolated(&"the drop of a subscriber", || drop(callback));
        }
    }
}

/// To whom of an audience something is delivered.
#[derive(Clone, Copy)]
pub(super) enum To {
    All,
    /// Those who were there: newcomers have greater keys.
    Below(u64),
    One(u64),
    Nobody,
}

/// An [`Audience`] whatever it selects.
pub(super) trait AnyAudience<T: 'static>: Send + Sync {
    fn is_first(&self) -> bool;
    /// Commits a write and shows it at once. Only where whoever calls may take the
    /// role of the drainer.
    fn commit(&self, cell: &Arc<Cell<T>>, made: &mut Made<'_, T>);
    /// Puts by what it will be shown. Called under the core lock.
    fn pack(&self, state: &Arc<T>, version: u64, edits: &[Edit<T>]) -> Box<dyn AnyParcel<T>>;
}

pub(super) struct Audience<T: 'static, S: Select<T>> {
    select: Arc<Isolated<S>>,
    inbox: Weak<Inbox<T, S>>,
    first: bool,
    /// In order of subscription, so that keys rise.
    pub(super) slots: Vec<Slot<T, S>>,
}

impl<T, S: Select<T>> Clone for Audience<T, S> {
    fn clone(&self) -> Self {
        Self {
            select: Arc::clone(&self.select),
            inbox: Weak::clone(&self.inbox),
            first: self.first,
            slots: self.slots.clone(),
        }
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> Audience<T, S> {
    pub(super) fn nobody(select: Arc<Isolated<S>>, inbox: Weak<Inbox<T, S>>, first: bool) -> Self {
        Self { select, inbox, first, slots: Vec::new() }
    }

    /// Where `key` is.
    pub(super) fn find(&self, key: u64) -> Option<usize> {
        self.slots.binary_search_by_key(&key, |slot| slot.key).ok()
    }

    pub(super) fn pack_for(
        &self,
        to: To,
        state: &Arc<T>,
        version: u64,
        edits: &[Edit<T>],
    ) -> Box<dyn AnyParcel<T>> {
        let payload = self.select.stage(state, version, edits);
        let inbox = Weak::clone(&self.inbox);
        Box::new(Parcel { inbox, payload, to })
    }

    fn show(&self, cell: &Arc<Cell<T>>, version: u64, payload: S::Payload, to: To) {
        if !self.slots.iter().any(|slot| slot.callback.is_some()) {
            // Nobody is left to be shown it, so that the selector is not asked either.
            cell.isolated(|| drop(payload));
            return;
        }
        // What a selector's function makes of it; `None` where that has not changed.
        let ready = if S::PLAIN {
            self.select.ready(payload)
        } else {
            cell.isolated(|| self.select.ready(payload)).flatten()
        };
        let Some(ready) = ready else { return };
        let change = Change::new(cell, version);
        for slot in self.meant(to) {
            if let Some(subscriber) = &slot.callback
                && subscriber.alive.load(Ordering::Acquire)
            {
                cell.isolated(|| (subscriber.call)(self.select.item(&ready), &change));
            }
        }
        cell.isolated(|| self.select.shown(ready));
    }

    fn meant(&self, to: To) -> &[Slot<T, S>] {
        match to {
            To::All => &self.slots,
            To::Below(key) => &self.slots[..self.slots.partition_point(|slot| slot.key < key)],
            To::One(key) => self.find(key).map_or(&[], |at| &self.slots[at..=at]),
            To::Nobody => &[],
        }
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> AnyAudience<T> for Audience<T, S> {
    fn is_first(&self) -> bool {
        self.first
    }

    fn commit(&self, cell: &Arc<Cell<T>>, made: &mut Made<'_, T>) {
        let version = made.version();
        let payload = self.select.stage(made.state(), version, made.edits());
        let begun = cell.delivery.begin();
        debug_assert!(begun, "the role stays free under the core lock");
        made.commit();
        cell.deliver_alone(depth() + 1, || self.show(cell, version, payload, To::All));
    }

    fn pack(&self, state: &Arc<T>, version: u64, edits: &[Edit<T>]) -> Box<dyn AnyParcel<T>> {
        let newcomers = self.slots.last().map_or(0, |slot| slot.key + 1);
        self.pack_for(To::Below(newcomers), state, version, edits)
    }
}

/// What waits for the subscribers of one inbox.
pub(super) trait AnyParcel<T>: Send {
    fn deliver(self: Box<Self>, cell: &Arc<Cell<T>>, version: u64);
    /// What is left of one that is not delivered, without the snapshot.
    fn give_up(self: Box<Self>) -> Option<UsersValue>;
}

/// It keeps the inbox and not the audience, of which a long queue would keep a copy
/// for every change.
struct Parcel<T: 'static, S: Select<T>> {
    inbox: Weak<Inbox<T, S>>,
    payload: S::Payload,
    to: To,
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> AnyParcel<T> for Parcel<T, S> {
    fn deliver(self: Box<Self>, cell: &Arc<Cell<T>>, version: u64) {
        let Self { inbox, payload, to } = *self;
        match inbox.upgrade() {
            Some(inbox) => inbox.present().show(cell, version, payload, to),
            // It had lost its last subscriber.
            None => drop(cell.isolated(|| drop(payload))),
        }
    }

    fn give_up(self: Box<Self>) -> Option<UsersValue> {
        S::give_up(self.payload)
    }
}
