//! [`SharedError`]: a user's error that several owners hold.

use std::sync::Arc;

use super::Error;

/// A user's error as the source of another error: a shared [`Error`].
///
/// Cloning costs a counter.
#[derive(Clone)]
pub struct SharedError {
    error: Arc<Error>,
}

impl SharedError {
    pub(crate) fn new(error: Arc<Error>) -> Self {
        Self { error }
    }

    /// The user's error.
    pub fn get(&self) -> &Error {
        &self.error
    }
}

impl std::fmt::Debug for SharedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&*self.error, f)
    }
}

impl std::fmt::Display for SharedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&*self.error, f)
    }
}

impl std::error::Error for SharedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
