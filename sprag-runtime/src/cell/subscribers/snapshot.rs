//! The subscribers of one selector at one moment, and how they are notified of a commit:
//! at once, or later by a [`Notification`]. They know neither the index nor the queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

use super::{Phase, SubscriberSet};
use crate::cell::change::Delivered;
use crate::cell::delivery::BatchCommit;
use crate::cell::pending::PendingCommit;
use crate::cell::selector::{CommitInfo, Select, UsersValue};
use crate::isolate::{Isolated, isolated};
use crate::sync::atomic::{AtomicBool, Ordering};

/// A callback, whatever its type.
type Call<T, S> = dyn for<'a> Fn(<S as Select<T>>::Item<'a>, &Delivered<'_, T>) + Send + Sync;

/// A subscriber's callback.
pub(crate) type Callback<T, S> = Arc<Subscriber<Call<T, S>>>;

/// A callback, in one allocation with its flag.
pub(crate) struct Subscriber<F: ?Sized> {
    /// Cleared when its guard is dropped.
    alive: AtomicBool,
    call: F,
}

/// The subscriber that calls `call`.
pub(crate) fn subscriber<T: 'static, S: Select<T>, F>(call: F) -> Callback<T, S>
where
    F: for<'a> Fn(S::Item<'a>, &Delivered<'_, T>) + Send + Sync + 'static,
{
    Arc::new(Subscriber { alive: AtomicBool::new(true), call })
}

/// The place of one subscriber in a list.
pub(in crate::cell) struct Slot<T: 'static, S: Select<T>> {
    pub(super) key: u64,
    /// `None` once it is unsubscribed.
    pub(super) callback: Option<Callback<T, S>>,
}

impl<T, S: Select<T>> Slot<T, S> {
    /// Makes sure that the subscriber is not called again.
    pub(super) fn silence(&self) {
        if let Some(subscriber) = &self.callback {
            subscriber.alive.store(false, Ordering::Release);
        }
    }
}

/// Moves the `live` slots that have a callback to a list without the others.
pub(super) fn live_slots<T, S: Select<T>>(
    slots: &mut Vec<Slot<T, S>>,
    live: usize,
) -> Vec<Slot<T, S>> {
    let mut left = Vec::with_capacity(live);
    for slot in slots {
        if let Some(callback) = slot.callback.take() {
            left.push(Slot { key: slot.key, callback: Some(callback) });
        }
    }
    left
}

impl<T, S: Select<T>> Drop for Slot<T, S> {
    /// A callback's captures may panic when dropped, and the drainer or a guard's drop may
    /// drop them last; neither may unwind.
    fn drop(&mut self) {
        if let Some(callback) = self.callback.take() {
            isolated(&"the drop of a subscriber", || drop(callback));
        }
    }
}

/// The subscribers of a list that receive a notification.
#[derive(Clone, Copy)]
pub(in crate::cell) enum Recipients {
    All,
    /// The subscribers at the time of the commit: newcomers have greater keys.
    Below(u64),
    One(u64),
    None,
}

/// [`Subscribers`], whatever they select.
pub(in crate::cell) trait AnySubscribers<T: 'static>: Send + Sync {
    fn phase(&self) -> Phase;
    /// Orders the sets of a phase by the time at which each began.
    fn serial(&self) -> u64;
    /// Captures the value, commits and notifies. The caller must be able to become the
    /// drainer.
    fn notify_directly(&self, commit: &mut PendingCommit<'_, T>);
    /// Captures the value for a later notification. Called under the core lock.
    fn capture(&self, state: &Arc<T>, commit: &CommitInfo<'_, T>) -> Box<dyn AnyNotification>;
}

pub(in crate::cell) struct Subscribers<T: 'static, S: Select<T>> {
    select: Arc<Isolated<S>>,
    set: Weak<SubscriberSet<T, S>>,
    phase: Phase,
    serial: u64,
    /// In order of subscription, so that keys rise.
    pub(super) slots: Vec<Slot<T, S>>,
}

impl<T, S: Select<T>> Clone for Subscribers<T, S> {
    fn clone(&self) -> Self {
        let (select, set) = (Arc::clone(&self.select), Weak::clone(&self.set));
        let mut slots = Vec::with_capacity(self.slots.len());
        for Slot { key, callback } in &self.slots {
            slots.push(Slot { key: *key, callback: callback.clone() });
        }
        Self { select, set, phase: self.phase, serial: self.serial, slots }
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> Subscribers<T, S> {
    pub(super) fn nobody(
        select: Arc<Isolated<S>>,
        set: Weak<SubscriberSet<T, S>>,
        phase: Phase,
        serial: u64,
    ) -> Self {
        Self { select, set, phase, serial, slots: Vec::new() }
    }

    /// The index of the slot `key`.
    pub(super) fn find(&self, key: u64) -> Option<usize> {
        let at = self.first_from(key);
        self.slots.get(at).is_some_and(|slot| slot.key == key).then_some(at)
    }

    /// The index of the first slot whose key is at least `key`.
    fn first_from(&self, key: u64) -> usize {
        // Not `partition_point`, which is ten times as much code for each selector.
        let (mut first, mut end) = (0, self.slots.len());
        while first < end {
            let middle = first.midpoint(end);
            if self.slots[middle].key < key {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        first
    }

    pub(super) fn notification(
        &self,
        recipients: Recipients,
        state: &Arc<T>,
        commit: &CommitInfo<'_, T>,
    ) -> Box<dyn AnyNotification> {
        let captured = self.select.capture(state, commit);
        Box::new(Notification { set: Weak::clone(&self.set), captured, recipients })
    }

    fn notify(&self, change: &Delivered<'_, T>, captured: S::Captured, recipients: Recipients) {
        let cell = change.cell;
        if !self.has_live() {
            // No subscriber is left, so that the selector is not run either.
            return cell.drop_isolated(captured);
        }
        // `None` where the result has not changed.
        let resolved = if S::PLAIN {
            self.select.resolve(captured)
        } else {
            cell.isolated(|| self.select.resolve(captured)).flatten()
        };
        let Some(resolved) = resolved else { return };
        let select = &**self.select;
        for slot in self.select_slots(recipients) {
            let Some(subscriber) = &slot.callback else { continue };
            let call = |item: S::Item<'_>| {
                let is_alive = subscriber.alive.load(Ordering::Acquire);
                match is_alive {
                    // A panic at one item keeps none of the others from the subscriber.
                    true if S::MANY => drop(cell.isolated(|| (subscriber.call)(item, change))),
                    true => (subscriber.call)(item, change),
                    false => {}
                }
            };
            // To find an item can run the user's code as well: the `Hash` and `Eq` of a key.
            cell.isolated(|| select.each_item(&resolved, call));
        }
        cell.isolated(|| self.select.after_calls(resolved));
    }

    fn has_live(&self) -> bool {
        for slot in &self.slots {
            if slot.callback.is_some() {
                return true;
            }
        }
        false
    }

    fn select_slots(&self, recipients: Recipients) -> &[Slot<T, S>] {
        match recipients {
            Recipients::All => &self.slots,
            Recipients::Below(key) => &self.slots[..self.first_from(key)],
            Recipients::One(key) => &self.slots[self.first_from(key)..self.first_from(key + 1)],
            Recipients::None => &[],
        }
    }
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> AnySubscribers<T> for Subscribers<T, S> {
    #[inline]
    fn phase(&self) -> Phase {
        self.phase
    }

    fn serial(&self) -> u64 {
        self.serial
    }

    fn notify_directly(&self, commit: &mut PendingCommit<'_, T>) {
        let captured = if S::RECORDS {
            let recorded = commit.take_record();
            self.select.capture_recorded(commit.state(), &commit.info(), recorded)
        } else {
            self.select.capture(commit.state(), &commit.info())
        };
        commit.commit(|change| self.notify(change, captured, Recipients::All));
    }

    fn capture(&self, state: &Arc<T>, commit: &CommitInfo<'_, T>) -> Box<dyn AnyNotification> {
        let newcomers = self.slots.last().map_or(0, |slot| slot.key + 1);
        self.notification(Recipients::Below(newcomers), state, commit)
    }
}

/// A [`Notification`], whatever it carries.
pub(in crate::cell) trait AnyNotification: Send {
    fn deliver(self: Box<Self>, commit: &BatchCommit<'_>);
    /// Releases the snapshot in a notification that is not delivered. Returns the other
    /// values.
    fn discard(self: Box<Self>) -> Option<UsersValue>;
}

/// A captured value that waits for the subscribers of one set.
///
/// The notification holds the set and not a list of subscribers: a long queue would
/// otherwise hold a copy of the list for every change of the list.
struct Notification<T: 'static, S: Select<T>> {
    set: Weak<SubscriberSet<T, S>>,
    captured: S::Captured,
    recipients: Recipients,
}

impl<T: Clone + Send + Sync + 'static, S: Select<T>> AnyNotification for Notification<T, S> {
    fn deliver(self: Box<Self>, commit: &BatchCommit<'_>) {
        let Self { set, captured, recipients } = *self;
        if let Some(set) = set.upgrade()
            && let Some(cell) = set.cell.upgrade()
        {
            let change = Delivered::new(&cell, commit.version, commit.origins);
            set.present().notify(&change, captured, recipients);
        } else if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(captured))) {
            // The set has lost its last subscriber.
            commit.cell.report(panic);
        }
    }

    fn discard(self: Box<Self>) -> Option<UsersValue> {
        S::discard(self.captured)
    }
}
