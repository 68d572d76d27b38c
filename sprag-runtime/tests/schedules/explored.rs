//! Fixtures of all scenarios.

use std::sync::Arc;
// Not points at which the explorer switches.
use std::sync::atomic::{AtomicU64, Ordering};

use shuttle::thread;
use sprag_runtime::{Bus, Cache, create_cache};

/// Explores half of `schedules` at random, and half with few switches at bad moments.
pub(crate) fn explore(schedules: usize, scenario: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_random(scenario.clone(), schedules / 2);
    shuttle::check_pct(scenario, schedules / 2, 3);
}

/// The values that callbacks received. A lock of `std`, which is not a point to switch at: no thread
/// holds it across one.
#[derive(Clone, Default)]
pub(crate) struct Log<V = u64>(Arc<std::sync::Mutex<Vec<V>>>);

impl<V> Log<V> {
    pub(crate) fn push(&self, shown: V) {
        self.0.lock().unwrap().push(shown);
    }

    pub(crate) fn take(&self) -> Vec<V> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Whether no callback has this log any more.
    pub(crate) fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

/// The inputs of the computed values.
#[derive(Clone, Default)]
pub(crate) struct Truth(Arc<AtomicU64>);

impl Truth {
    pub(crate) fn change(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn read(&self) -> u64 {
        let value = self.0.load(Ordering::SeqCst);
        thread::yield_now();
        value
    }
}

pub(crate) fn cache(bus: &Bus, name: &str) -> Cache<u64> {
    create_cache(name).bus(bus).build().unwrap()
}

pub(crate) fn dependent(bus: &Bus, name: &str, upstream: &Cache<u64>) -> Cache<u64> {
    create_cache(name).bus(bus).depends_on_cache(upstream).build().unwrap()
}

pub(crate) fn spawn(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(f)
}

pub(crate) fn join(threads: impl IntoIterator<Item = thread::JoinHandle<()>>) {
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
