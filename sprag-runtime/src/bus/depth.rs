//! Cuts feedback loops: listeners that emit what makes them be called again.

use std::cell::Cell;

/// How many emits may be inside each other on one thread.
const LIMIT: u32 = 256;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// One emit on this thread, until it is dropped.
pub(super) struct Depth;

impl Depth {
    pub(super) fn enter(name: &str) -> Self {
        let depth = DEPTH.get();
        assert!(
            depth < LIMIT,
            "emitting `{name}` is more than {LIMIT} emits deep; its listeners emit what calls them"
        );
        DEPTH.set(depth + 1);
        Self
    }
}

impl Drop for Depth {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}
