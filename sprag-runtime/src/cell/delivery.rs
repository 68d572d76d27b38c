//! The order in which commits reach their subscribers. One thread at a time has the
//! [role](super::role) of the drainer, and delivers outside of every lock.

use std::cell::Cell as ThreadCell;
use std::sync::Arc;

use smallvec::SmallVec;

use super::Cell;
use super::change::Delivered;
use super::feedback::{FeedbackCause, in_callback};
use super::origin::{Origin, Origins};
use super::reentrancy::{is_inside_any, run_outside};
use super::selector::UsersValue;
use super::subscribers::Phase;
use super::subscribers::snapshot::AnyNotification;
use crate::sync::thread_local;

thread_local! {
    /// The argument of `after_first`.
    static AFTER_FIRST: ThreadCell<Option<fn()>> = const { ThreadCell::new(None) };
}

/// Runs `work` once, after this batch's [first](super::CallTime::First) subscribers and
/// before any other: caches that depend on places gather there, so that a commit that
/// changes several of them is one wave, and later subscribers find the caches cleared.
pub(crate) fn after_first(work: fn()) {
    AFTER_FIRST.with(|after| after.set(Some(work)));
}

/// The notifications of one commit, or of one new subscription.
pub(super) struct Batch<T: 'static> {
    cause: FeedbackCause,
    content: Content<T>,
}

struct Content<T: 'static> {
    version: u64,
    origins: Origins,
    notifications: SmallVec<[Box<dyn AnyNotification<T>>; 2]>,
    /// How many of them are delivered before `after_first`.
    firsts: usize,
}

impl<T> Batch<T> {
    pub(super) fn new(version: u64, origins: &[Origin]) -> Self {
        let origins = origins.into();
        let content = Content { version, origins, notifications: SmallVec::new(), firsts: 0 };
        Self { cause: FeedbackCause::present(), content }
    }

    /// Adds a notification; notifications of the first phase precede the others.
    pub(super) fn push(&mut self, notification: Box<dyn AnyNotification<T>>, phase: Phase) {
        self.content.notifications.push(notification);
        self.content.firsts += usize::from(phase == Phase::First);
    }

    /// Releases the snapshots in a batch that is not committed. Returns the other values,
    /// for the caller to drop outside of every lock.
    pub(super) fn discard(self) -> Vec<UsersValue> {
        let mut values = Vec::new();
        for notification in self.content.notifications {
            if let Some(value) = notification.discard() {
                values.push(value);
            }
        }
        values
    }
}

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// Takes the free role for a batch that does not enter the queue. Called under the
    /// core lock.
    #[inline]
    pub(super) fn begin_delivery(&self) {
        let begun = self.delivery.begin();
        debug_assert!(begun, "the role stays free under the core lock");
    }

    /// Delivers a batch once `commit` has made it visible: at once where this thread may,
    /// else in its turn.
    ///
    /// Called under the core lock, which `commit` releases.
    pub(super) fn deliver(self: &Arc<Self>, batch: Batch<T>, commit: impl FnOnce()) {
        if self.delivery.begin() {
            commit();
            self.deliver_begun(batch);
        } else {
            let has_role = self.delivery.enqueue(batch);
            commit();
            if has_role {
                self.drain_outside();
            } else if self.is_handed_the_role() {
                self.drain(0);
            }
        }
    }

    /// Delivers one batch that is not in the queue, then the batches queued since. This
    /// thread has the role.
    #[inline]
    pub(super) fn deliver_alone(self: &Arc<Self>, cause: FeedbackCause, callbacks: impl FnOnce()) {
        let outer = cause.enter();
        callbacks();
        outer.restore();
        self.delivery.count_done();
        if !self.delivery.leave() {
            self.drain(1);
        }
    }

    fn deliver_begun(self: &Arc<Self>, batch: Batch<T>) {
        if is_inside_any() {
            // No subscriber may run under the lock of another cell.
            let cell = Arc::clone(self);
            run_outside(Box::new(move || cell.deliver_begun(batch)));
        } else {
            let Batch { cause, content } = batch;
            self.deliver_alone(cause, || self.deliver_content(content));
        }
    }

    /// Delivers the queue, once this thread is inside no cell. This thread has the role.
    fn drain_outside(self: &Arc<Self>) {
        if is_inside_any() {
            let cell = Arc::clone(self);
            run_outside(Box::new(move || cell.drain(0)));
        } else {
            self.drain(0);
        }
    }

    /// Slows this writer behind a long queue. Returns whether it was handed the role.
    fn is_handed_the_role(&self) -> bool {
        self.delivery.is_behind() && !in_callback() && !is_inside_any() && self.delivery.slow()
    }

    /// Delivers until the queue is empty or the role is handed over, after `stint` batches.
    fn drain(self: &Arc<Self>, mut stint: usize) {
        while let Some(batch) = self.delivery.next(stint) {
            let Batch { cause, content } = batch;
            let outer = cause.enter();
            self.deliver_content(content);
            outer.restore();
            self.delivery.count_done();
            stint += 1;
        }
    }

    fn deliver_content(self: &Arc<Self>, batch: Content<T>) {
        let delivered = Delivered::new(self, batch.version, &batch.origins);
        let mut notifications = batch.notifications.into_iter();
        for notification in notifications.by_ref().take(batch.firsts) {
            notification.deliver(&delivered);
        }
        if let Some(work) = AFTER_FIRST.with(ThreadCell::take) {
            self.isolated(work);
        }
        for notification in notifications {
            notification.deliver(&delivered);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::super::role::Role;
    use crate::model::create_model;
    use crate::path::root;
    use crate::sync::Mutex;

    /// So long that writers are slowed.
    fn behind() -> Role<usize> {
        let role = Role::new();
        assert!(role.begin() && !role.is_free());
        assert!((0..1_025).all(|batch| !role.enqueue(batch)), "the role is taken");
        role
    }

    #[test]
    fn i4_a_writer_behind_a_long_queue_is_slowed_for_a_while() {
        let role = behind();
        assert!(role.is_behind());
        let begin = Instant::now();
        assert!(!role.slow(), "nobody has handed the role over");
        assert!(begin.elapsed() >= Duration::from_millis(1));
        assert_eq!(role.next(0), Some(0));
        assert!(!role.is_behind() && !role.slow());
    }

    #[test]
    fn i4_a_write_behind_a_callback_that_hangs_is_slowed_once_the_queue_is_long() {
        let number = create_model("number", 0_u32);
        let (arrived, callback_hangs) = mpsc::channel();
        let (go, goes_on) = mpsc::channel::<()>();
        let goes_on = Mutex::new(goes_on);
        let _subscription = number.subscribe(root::<u32>(), move |value: &u32, _| {
            if *value == 1 {
                arrived.send(()).unwrap();
                _ = goes_on.lock().recv();
            }
        });
        let writer = number.clone();
        let first = std::thread::spawn(move || _ = writer.set(root::<u32>(), 1));
        callback_hangs.recv().unwrap();
        (2..=1_026).for_each(|value| _ = number.set(root::<u32>(), value));

        let times = (0..20).map(|value| {
            let begin = Instant::now();
            number.set(root::<u32>(), value);
            begin.elapsed()
        });
        let fastest = times.min();
        drop(go);
        first.join().unwrap();
        assert!(fastest >= Some(Duration::from_millis(1)), "{fastest:?}");
    }

    #[test]
    fn i4_a_drainer_keeps_its_role_without_slowed_writers_and_leaves_it_with_an_empty_queue() {
        let role = behind();
        let drained: Vec<_> = std::iter::from_fn(|| role.next(5_000)).collect();
        assert!(drained.into_iter().eq(0..1_025));
        assert!(role.is_free() && !role.is_behind());
        assert!(role.enqueue(7), "the next writer has the role");
        assert_eq!((role.next(0), role.next(1)), (Some(7), None));
    }

    #[test]
    fn i4_a_drainer_hands_its_role_to_a_slowed_writer_after_a_long_stint() {
        let role = behind();
        let (sender, handed) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !role.slow() {}
                sender.send(()).unwrap();
            });
            // Within a short stint the drainer keeps the role.
            while let Some(batch) = role.next(1_024) {
                role.enqueue(batch);
                assert_eq!(role.next(1_023).map(|batch| role.enqueue(batch)), Some(false));
            }
        });
        assert_eq!(handed.try_recv(), Ok(()));
        assert!(!role.is_free() && role.is_behind(), "the queue is the writer's now");
        assert_eq!(std::iter::from_fn(|| role.next(0)).count(), 1_025);
        assert!(role.is_free());
    }

    #[test]
    fn i8_a_queue_that_was_long_gives_its_room_back_and_a_short_one_keeps_it() {
        let role = behind();
        assert!(role.room() > 1_024);
        while role.next(0).is_some() {}
        assert_eq!(role.room(), 0);

        assert!(role.begin() && !role.enqueue(7));
        let room = role.room();
        assert!(role.next(0) == Some(7) && role.next(0).is_none());
        assert_eq!(role.room(), room);
    }
}
