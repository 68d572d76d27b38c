//! Limits what callbacks may write, so that a feedback loop ends.
//!
//! A loop has one of two shapes. A chain of callbacks that write grows ever deeper. Two
//! callbacks that overwrite each other's values double the batches at each depth, and would
//! need 2^1000 batches to become deep. Therefore both the depth is limited, and the number
//! of commits that one outer write causes in callbacks of callbacks. A callback that writes
//! many times and whose commits cause no further writes is not limited.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::thread_local;

/// How deep a chain of callbacks may write.
const DEEPEST: u32 = 1_000;

/// How many commits one outer write may cause from inside callbacks of callbacks.
const MOST_CAUSED: u32 = 10_000;

/// Counts the commits that one outer write caused.
type Count = Arc<AtomicU32>;

thread_local! {
    static PRESENT: Cell<Present> = const { Cell::new(Present { depth: 0, is_counted: false }) };
    /// The count of the outer write that led to the present code, once a callback wrote.
    static COUNT: RefCell<Option<Count>> = const { RefCell::new(None) };
}

/// The state of this thread. The type needs no destructor, so that a read is a load.
#[derive(Clone, Copy)]
struct Present {
    /// The number of callbacks that led to the present code; 0 outside of any.
    depth: u32,
    /// Whether `COUNT` has any.
    is_counted: bool,
}

/// The callbacks and the outer write that a commit comes from.
pub(super) struct FeedbackCause {
    depth: u32,
    /// `None` for a commit outside of callbacks.
    count: Option<Count>,
}

/// How deep in callbacks this thread is.
#[inline]
fn depth() -> u32 {
    PRESENT.with(Cell::get).depth
}

/// Whether this thread runs a callback of some cell.
pub(crate) fn in_callback() -> bool {
    depth() > 0
}

impl FeedbackCause {
    /// The cause of a commit that is made now.
    #[inline]
    pub(super) fn present() -> Self {
        let depth = depth();
        Self { depth: depth + 1, count: if depth > 0 { counted(depth) } else { None } }
    }

    /// Begins the callbacks of the commit, which do not unwind.
    #[inline]
    pub(super) fn enter(self) -> OuterCause {
        let Self { depth, count } = self;
        let is_counted = count.is_some();
        let present = PRESENT.with(|now| now.replace(Present { depth, is_counted }));
        let count = if is_counted || present.is_counted { exchange(count) } else { None };
        OuterCause { present, count }
    }
}

/// The state of this thread around the callbacks of a commit.
#[must_use]
pub(super) struct OuterCause {
    present: Present,
    count: Option<Count>,
}

impl OuterCause {
    /// Ends the callbacks.
    #[inline]
    pub(super) fn restore(self) {
        let Self { present: outer, count } = self;
        let inner = PRESENT.with(|now| now.replace(outer));
        if inner.is_counted || outer.is_counted {
            exchange(count);
        }
    }
}

/// The count of the outer write, raised by one in a callback of a callback.
#[cold]
fn counted(depth: u32) -> Option<Count> {
    let count = COUNT.try_with(|count| Arc::clone(count.borrow_mut().get_or_insert_default()));
    let count = count.ok()?;
    PRESENT.with(|now| now.set(Present { is_counted: true, ..now.get() }));
    if depth > 1 {
        count.fetch_add(1, Ordering::Relaxed);
    }
    Some(count)
}

#[cold]
fn exchange(new: Option<Count>) -> Option<Count> {
    COUNT.try_with(|count| count.replace(new)).ok().flatten()
}

/// Called before a write to the cell `name`.
///
/// # Panics
///
/// In a feedback loop.
#[inline]
pub(super) fn refuse(name: &str) {
    if depth() > 1 {
        refuse_nested(name);
    }
}

#[cold]
fn refuse_nested(name: &str) {
    assert!(
        depth() <= DEEPEST,
        "a write to `{name}` was refused: it is more than {DEEPEST} callbacks deep, so its \
         subscribers seem to write in a circle; break the circle",
    );
    let caused = COUNT
        .try_with(|count| count.borrow().as_ref().map_or(0, |count| count.load(Ordering::Relaxed)));
    assert!(
        caused.unwrap_or(0) < MOST_CAUSED,
        "a write to `{name}` was refused: one write has caused more than {MOST_CAUSED} others in \
         callbacks, so its subscribers seem to overwrite each other; break the circle",
    );
}
