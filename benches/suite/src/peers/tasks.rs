//! eyeball, futures-signals and tokio's `watch`: each subscriber is a task that waits for
//! the next value, on `futures`' local pool, which is run until nothing is left to do.
//!
//! eyeball and `watch` hold one value, here the whole state, as sprag does: a subscriber
//! of one place is woken by every write and compares its place. futures-signals has no
//! whole: each place is a `Mutable` of its own, so that nothing can be written or
//! read together.

use std::cell::RefCell;
use std::future::Future;
use std::hint::black_box;
use std::rc::Rc;

use eyeball::SharedObservable;
use futures::executor::{LocalPool, LocalSpawner};
use futures::task::LocalSpawnExt;
use tokio::sync::watch;

/// The tasks of one case; dropping it ends them.
#[derive(Clone, Debug)]
pub(crate) struct Tasks {
    pool: Rc<RefCell<LocalPool>>,
    spawner: LocalSpawner,
}

impl Tasks {
    /// No tasks.
    pub(crate) fn new() -> Self {
        let pool = LocalPool::new();
        let spawner = pool.spawner();
        Self { pool: Rc::new(RefCell::new(pool)), spawner }
    }

    /// Adds a task.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.spawner.spawn_local(task).expect("the pool takes tasks as long as it is there");
    }

    /// Runs the tasks until nothing is left to do.
    pub(crate) fn drain(&self) {
        self.pool.borrow_mut().run_until_stalled();
    }

    /// Uses each new value of `place` in `observable`.
    pub(crate) fn watch_observable<T, V: PartialEq + Clone + 'static>(
        &self,
        observable: &SharedObservable<T>,
        place: fn(&T) -> &V,
    ) where
        T: 'static,
    {
        let mut subscriber = observable.subscribe();
        let mut last = place(&observable.read()).clone();
        self.spawn(async move {
            while let Some(state) = subscriber.next_ref().await {
                if *place(&state) != last {
                    last = black_box(place(&state).clone());
                }
            }
        });
    }

    /// Uses each new value of `place` in the channel.
    pub(crate) fn watch_channel<T, V: PartialEq + Clone + 'static>(
        &self,
        mut receiver: watch::Receiver<T>,
        place: fn(&T) -> &V,
    ) where
        T: 'static,
    {
        let mut last = place(&receiver.borrow_and_update()).clone();
        self.spawn(async move {
            while receiver.changed().await.is_ok() {
                let state = receiver.borrow_and_update();
                if *place(&state) != last {
                    last = black_box(place(&state).clone());
                }
            }
        });
    }

    /// Uses each value of `signal`.
    pub(crate) fn watch_signal<V>(
        &self,
        signal: impl futures_signals::signal::Signal<Item = V> + 'static,
    ) {
        use futures_signals::signal::SignalExt;
        self.spawn(signal.for_each(|value| {
            black_box(value);
            async {}
        }));
    }
}
