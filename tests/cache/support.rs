//! The common parts of the cache tests.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use sprag::cache::CacheBuilder;
use sprag::prelude::*;

/// The deadline of a test that could hang.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) const TTL: Duration = Duration::from_secs(300);

pub(crate) struct MountChanged;

impl Event for MountChanged {
    const NAME: &'static str = "storage:mount_changed";
}

#[derive(Debug)]
pub(crate) struct Unplugged;

impl std::fmt::Display for Unplugged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unplugged")
    }
}

impl std::error::Error for Unplugged {}

pub(crate) fn cache<V: Send + Sync + 'static>(bus: &Bus, name: &str) -> CacheBuilder<Cache<V>> {
    create_cache(name).bus(bus)
}

/// A cache on a bus of its own.
pub(crate) fn lone<V: Send + Sync + 'static>() -> Cache<V> {
    cache(&Bus::new(), "drives").build().unwrap()
}

/// Ends the threads of a test that fails, too.
pub(crate) struct StopWhenDropped<'a>(pub &'a AtomicBool);

impl Drop for StopWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

pub(crate) fn panic_text(outcome: thread::Result<impl Sized>) -> String {
    let payload = outcome.err().expect("it panics");
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
}

/// A log that listeners write to.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Polls a future that does not wait.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    match poll(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}
