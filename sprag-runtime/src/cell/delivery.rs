//! The order in which commits reach their subscribers. One thread at a time has the
//! [role](super::role) of the drainer, and delivers outside of every lock.

use std::cell::Cell as ThreadCell;
use std::panic::catch_unwind;
use std::sync::Arc;

use smallvec::SmallVec;

use super::Cell;
use super::feedback::{FeedbackCause, in_callback};
use super::origin::{Origin, Origins};
use super::reentrancy::{is_inside_any, run_outside};
use super::role::Role;
use super::selector::UsersValue;
use super::subscribers::Phase;
use super::subscribers::snapshot::AnyNotification;
use crate::isolate::Payload;
use crate::sync::atomic::{AtomicU64, Ordering};
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

/// A cell, without the type of its state: the compiler generates the delivery once, and
/// not for each state.
pub(super) trait DeliveringCell: Send + Sync {
    fn name(&self) -> &str;
    fn role(&self) -> &Role<Batch>;
    /// The number of callbacks that panicked.
    fn panics(&self) -> &AtomicU64;
}

/// The notifications of one commit, or of one new subscription.
pub(super) struct Batch {
    cause: FeedbackCause,
    content: Content,
}

struct Content {
    version: u64,
    origins: Origins,
    notifications: SmallVec<[Box<dyn AnyNotification>; 2]>,
    /// How many of them are delivered before `after_first`.
    firsts: usize,
}

/// The commit of a batch, as its notifications receive it.
pub(super) struct BatchCommit<'a> {
    pub(super) cell: &'a dyn DeliveringCell,
    pub(super) version: u64,
    pub(super) origins: &'a [Origin],
}

/// The thread that delivers a batch.
enum DeliveryTurn {
    /// This thread, at once.
    Now(Batch),
    /// This thread, after the batches before it.
    Queue,
    /// The drainer.
    Other,
}

impl Batch {
    pub(super) fn new(version: u64, origins: &[Origin]) -> Self {
        let origins = origins.into();
        let content = Content { version, origins, notifications: SmallVec::new(), firsts: 0 };
        Self { cause: FeedbackCause::present(), content }
    }

    /// Adds a notification; notifications of the first phase precede the others.
    pub(super) fn push(&mut self, notification: Box<dyn AnyNotification>, phase: Phase) {
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
    pub(super) fn deliver(self: &Arc<Self>, batch: Batch, commit: impl FnOnce()) {
        let cell: Arc<dyn DeliveringCell> = Arc::clone(self) as _;
        let turn = cell.turn(batch);
        commit();
        take_turn(cell, turn);
    }

    /// Delivers one batch that is not in the queue, then the batches queued since. This
    /// thread has the role.
    #[inline]
    pub(super) fn deliver_alone(&self, cause: FeedbackCause, callbacks: impl FnOnce()) {
        let outer = cause.enter();
        callbacks();
        outer.restore();
        self.delivery.count_done();
        if !self.delivery.leave() {
            (self as &dyn DeliveringCell).drain(1);
        }
    }
}

/// Delivers, once this thread is inside no cell: no subscriber may run under the lock of
/// another one.
fn take_turn(cell: Arc<dyn DeliveringCell>, turn: DeliveryTurn) {
    match turn {
        DeliveryTurn::Other => cell.slow_down(),
        DeliveryTurn::Now(_) | DeliveryTurn::Queue if is_inside_any() => {
            run_outside(Box::new(move || take_turn(cell, turn)));
        }
        DeliveryTurn::Now(batch) => cell.deliver_begun(batch),
        DeliveryTurn::Queue => cell.drain(0),
    }
}

impl dyn DeliveringCell + '_ {
    /// Takes the role for a batch, or leaves the batch to the drainer.
    fn turn(&self, batch: Batch) -> DeliveryTurn {
        if self.role().begin() {
            DeliveryTurn::Now(batch)
        } else if self.role().enqueue(batch) {
            DeliveryTurn::Queue
        } else {
            DeliveryTurn::Other
        }
    }

    fn deliver_begun(&self, Batch { cause, content }: Batch) {
        let outer = cause.enter();
        self.deliver_content(content);
        outer.restore();
        self.role().count_done();
        if !self.role().leave() {
            self.drain(1);
        }
    }

    /// Slows this writer behind a long queue, and delivers if it is handed the role.
    fn slow_down(&self) {
        let role = self.role();
        if role.is_behind() && !in_callback() && !is_inside_any() && role.slow() {
            self.drain(0);
        }
    }

    /// Delivers until the queue is empty or the role is handed over, after `stint` batches.
    fn drain(&self, mut stint: usize) {
        while let Some(Batch { cause, content }) = self.role().next(stint) {
            let outer = cause.enter();
            self.deliver_content(content);
            outer.restore();
            self.role().count_done();
            stint += 1;
        }
    }

    fn deliver_content(&self, batch: Content) {
        let commit = BatchCommit { cell: self, version: batch.version, origins: &batch.origins };
        let mut notifications = batch.notifications.into_iter();
        for notification in notifications.by_ref().take(batch.firsts) {
            notification.deliver(&commit);
        }
        if let Some(work) = AFTER_FIRST.with(ThreadCell::take)
            && let Err(panic) = catch_unwind(work)
        {
            self.report(panic);
        }
        for notification in notifications {
            notification.deliver(&commit);
        }
    }

    /// Counts and reports a panic of a callback.
    #[cold]
    pub(super) fn report(&self, panic: Payload) {
        crate::isolate::report(&format_args!("a subscriber of `{}`", self.name()), panic);
        self.panics().fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::Role;
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
