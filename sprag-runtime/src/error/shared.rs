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

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::num::ParseIntError;
    use std::sync::Arc;

    use super::{Error, SharedError};

    /// An error with a source.
    #[derive(Debug, thiserror::Error)]
    #[error("it was not opened")]
    struct Unopened(#[source] ParseIntError);

    #[test]
    fn a_shared_error_shows_what_the_error_shows() {
        let number = "x".parse::<u16>().unwrap_err();
        let error = Arc::new(Error::from(Unopened(number)));
        let shared = SharedError::new(Arc::clone(&error));
        assert_eq!(shared.to_string(), error.to_string());
        assert_eq!(format!("{shared:?}"), format!("{error:?}"));
        assert_eq!(format!("{shared:#}"), format!("{error:#}"));
        assert!(shared.source().is_some());
        let source = shared.source().map(ToString::to_string);
        assert_eq!(source, error.source().map(ToString::to_string));
        assert!(std::ptr::eq(shared.get(), &*error));
    }
}
