//! The last result of a user's function, which the next result is compared with.

use crate::sync::Mutex;

/// The last result; absent while it is compared. Only the drainer takes the result out and
/// puts it back.
pub(super) struct LastResult<U>(Mutex<Option<U>>);

impl<U> LastResult<U> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(None))
    }

    pub(super) fn put_back(&self, value: U) {
        let none = self.0.lock().replace(value);
        drop(none);
    }
}

impl<U: PartialEq> LastResult<U> {
    /// `new`, unless it equals the last result. Compares outside of the lock.
    pub(super) fn changed(&self, new: U) -> Option<U> {
        let last = Taken { value: self.0.lock().take(), home: self };
        let is_new = last.value.as_ref() != Some(&new);
        is_new.then_some(new)
    }
}

/// A last result during its comparison, put back even if the comparison panics.
struct Taken<'a, U> {
    value: Option<U>,
    home: &'a LastResult<U>,
}

impl<U> Drop for Taken<'_, U> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            self.home.put_back(value);
        }
    }
}
