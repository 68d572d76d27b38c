//! Runs users' code in the committer, so that its panic ends neither the committer nor the
//! writes of others.

use std::any::Any;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The payload of a panic.
pub(crate) type Panic = Box<dyn Any + Send>;

/// Runs `f` and catches its panic.
pub(crate) fn guarded<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Drops `value`, which is a user's, and discards a panic of that.
pub(crate) fn dropped<V>(value: V) {
    if let Err(panic) = guarded(|| drop(value)) {
        // The payload may panic when it is dropped, and so may that panic's.
        forget(panic);
    }
}

/// The text of a panic, which is discarded.
pub(crate) fn reason(panic: Panic) -> String {
    let text = panic.downcast_ref::<&'static str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    dropped(panic);
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}
