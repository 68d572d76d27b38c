//! C8: caches that are used while a thread destroys its locals.

use std::cell::RefCell;
use std::sync::mpsc::channel;
use std::thread;

use sprag::prelude::*;
use test_support::within;

use crate::support::*;

thread_local! {
    static LAST: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
}

struct AtEnd(Option<Box<dyn FnOnce()>>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.0.take().expect("it is dropped once")();
    }
}

/// Runs `first` on a thread and `last` when the thread destroys its locals, after all that
/// `first` has set up.
fn at_the_end_of_a_thread<R: Send + 'static>(
    first: impl FnOnce() + Send + 'static,
    last: impl FnOnce() -> R + Send + 'static,
) -> R {
    let (sender, result) = channel();
    let thread = thread::spawn(move || {
        let last = move || sender.send(last()).unwrap();
        LAST.set(Some(AtEnd(Some(Box::new(last)))));
        first();
    });
    thread.join().unwrap();
    result.recv().unwrap()
}

#[test]
fn c8_a_cache_may_be_used_while_a_threads_locals_are_destroyed() {
    within(LIMIT, || {
        let (drives, disks) = (lone::<u32>(), create_keyed_cache::<u32, u32>("disks"));
        let disks = disks.bus(&Bus::new()).build().unwrap();
        let use_all = |drives: &Cache<u32>, disks: &KeyedCache<u32, u32>| {
            let inner = drives.get_or_compute(|| disks.get_or_compute(&1, || 7));
            let values = (inner, drives.get(), disks.get(&1));
            drives.invalidate();
            disks.invalidate_all();
            values
        };
        let (drives_first, disks_first) = (drives.clone(), disks.clone());
        let (drives_last, disks_last) = (drives.clone(), disks.clone());

        let values = at_the_end_of_a_thread(
            move || _ = use_all(&drives_first, &disks_first),
            move || use_all(&drives_last, &disks_last),
        );

        assert_eq!(values, (7, Some(7), Some(7)));
        assert_eq!((drives.stats().hits, drives.stats().misses), (2, 2), "each read is counted");
    });
}

#[test]
fn c8_a_commit_there_clears_the_caches_that_depend_on_it() {
    within(LIMIT, || {
        let tv = create_model("tv", 0_u64);
        let shown = cache::<u64>(&Bus::new(), "shown").depends_on_path(&tv, |tv: &u64| *tv);
        let shown = shown.build().unwrap();
        let (first, last) = ((tv.clone(), shown.clone()), tv.clone());
        shown.set(1);

        at_the_end_of_a_thread(
            move || {
                first.0.replace(1);
                first.1.get_or_compute(|| 1);
            },
            move || _ = last.replace(9),
        );

        assert_eq!((tv.version(), shown.get()), (2, None));
    });
}
