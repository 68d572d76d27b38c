//! Runs users' code in the committer, so that its panic ends neither the committer nor the
//! writes of others.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sprag_runtime::__private::{Payload, discard, isolated, message};

/// The payload of a panic.
pub(crate) type Panic = Payload;

/// Runs `f` and catches its panic.
pub(crate) fn guarded<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Drops a user's value. A panic of the drop is reported.
pub(crate) fn dropped<V>(value: V) {
    isolated(&"the drop of a value of a log", || drop(value));
}

/// The text of a panic, which is discarded.
pub(crate) fn reason(panic: Panic) -> String {
    let reason = message(&panic).to_owned();
    discard(panic);
    reason
}
