//! Work on several threads.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Calls `work` with each number below `count`, in order, on as many threads as there are
/// cores. After an error no further call begins; returns the first error.
pub(crate) fn each(count: usize, work: impl Fn(usize) -> io::Result<()> + Sync) -> io::Result<()> {
    each_of(thread::available_parallelism().map_or(1, usize::from), count, work)
}

/// The same on so many threads.
pub(crate) fn each_of(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> io::Result<()> + Sync,
) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            if let Err(error) = work(index) {
                failed.lock().expect("no panic").get_or_insert(error);
                next.store(count, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(worker))));
    failed.into_inner().expect("no panic").map_or(Ok(()), Err)
}
