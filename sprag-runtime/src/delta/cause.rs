//! [`Cause`]: why a thread writes, as the record of the commit keeps it.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// The purpose with which a history makes a write.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cause {
    /// The history that caused the write; 0 for none.
    pub(crate) history: u64,
    pub(crate) purpose: Purpose,
    /// The number of the call, whose writes are one entry; 0 for none.
    pub(crate) call: u64,
    pub(crate) label: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    #[default]
    Write,
    /// One of several writes that are undone together.
    Group,
    Undo,
    Redo,
}

thread_local! {
    static PRESENT: RefCell<Cause> = RefCell::default();
    /// Whether `PRESENT` is a history's. The flag needs no destructor, so that a read is a
    /// load.
    static IS_PRESENT: Cell<bool> = const { Cell::new(false) };
}

/// Makes `cause` the present one, and returns the one before.
fn exchange(cause: Cause) -> Cause {
    IS_PRESENT.set(cause.history != 0);
    PRESENT.replace(cause)
}

/// Puts the cause before back, also after a panic.
struct RestoreCause(Option<Cause>);

impl Drop for RestoreCause {
    fn drop(&mut self) {
        if let Some(before) = self.0.take() {
            exchange(before);
        }
    }
}

impl Cause {
    /// Runs `f`, whose writes on this thread have this cause.
    pub(crate) fn during<U>(self, f: impl FnOnce() -> U) -> U {
        let _restore = RestoreCause(Some(exchange(self)));
        f()
    }

    /// Whether a history causes a write that this thread makes.
    #[inline]
    pub(super) fn is_present() -> bool {
        IS_PRESENT.get()
    }

    /// The history's cause of a write that this thread makes, if there is one.
    pub(super) fn present() -> Option<Box<Self>> {
        Self::is_present().then(|| PRESENT.with_borrow(|cause| Box::new(cause.clone())))
    }
}
