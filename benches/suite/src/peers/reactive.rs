//! reactive_stores: effects on a local executor, which is run until nothing is left to do.
//!
//! `Effect::new` is what its users write. Its executor is `futures`' local pool, the one
//! that `any_spawner` brings: a tokio `LocalSet` can not be run until it stalls. The
//! places are taken once, outside of the measured loop.

use std::hint::black_box;

use any_spawner::Executor;
use reactive_graph::effect::Effect;
use reactive_graph::owner::Owner;

/// The owner of one case's effects; dropping the owner ends them.
#[derive(Debug)]
pub(crate) struct Reactive {
    owner: Owner,
}

impl Reactive {
    /// An owner for the effects that are made from now on.
    pub(crate) fn new() -> Self {
        // The error means that an earlier case has set the executor.
        let _ = Executor::init_futures_executor();
        let owner = Owner::new();
        owner.set();
        Self { owner }
    }

    /// Calls `read`, and again after each change of what it has read.
    pub(crate) fn watch<U: 'static>(&self, read: impl Fn() -> U + 'static) {
        Effect::new(move |_: Option<()>| {
            black_box(read());
        });
    }
}

/// Runs the effects until nothing is left to do.
pub(crate) fn drain() {
    Executor::poll_local();
}

impl Drop for Reactive {
    fn drop(&mut self) {
        self.owner.cleanup();
        drain();
    }
}
