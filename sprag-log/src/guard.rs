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

#[cfg(test)]
mod tests {
    use super::*;

    struct Odd;

    impl Drop for Odd {
        fn drop(&mut self) {
            panic!("the drop of the test");
        }
    }

    #[test]
    fn l4_a_panic_is_caught_and_has_its_text_and_that_of_a_drop_ends_nothing() {
        let panic = guarded::<()>(|| panic!("of the test")).expect_err("it panics");
        assert_eq!(reason(panic), "of the test");
        assert!(guarded(|| dropped(Odd)).is_ok());
    }
}
