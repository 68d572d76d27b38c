//! [`Change`]: what a subscriber learns beside the value.

use std::fmt;
use std::sync::Arc;

use super::Cell;

/// The commit that a [`Model`](crate::Model)'s subscriber is notified of.
///
/// It leads to the model without the callback holding a handle, which would keep
/// the model alive for ever.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// let _clamped = tv.subscribe(Tv::PATHS.position, |&position, change| {
///     if position > 100 {
///         change.model().set(Tv::PATHS.position, 100);
///     }
/// });
/// tv.set(Tv::PATHS.position, 700);
/// assert_eq!(tv.get(Tv::PATHS.position), 100);
/// ```
pub struct Change<'a, T: 'static> {
    pub(crate) cell: &'a Arc<Cell<T>>,
    version: u64,
}

impl<'a, T: 'static> Change<'a, T> {
    #[inline]
    pub(crate) fn new(cell: &'a Arc<Cell<T>>, version: u64) -> Self {
        Self { cell, version }
    }

    /// The version that the commit made.
    ///
    /// In the first call of `subscribe_now` it is the version of the value shown.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let _log = tv.subscribe(Tv::PATHS.position, |_, change| assert_eq!(change.version(), 1));
    /// tv.set(Tv::PATHS.position, 7);
    /// # assert_eq!(tv.panics(), 0);
    /// ```
    pub fn version(&self) -> u64 {
        self.version
    }
}

impl<T: Clone + Send + Sync> Change<'_, T> {
    /// The model's name.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let _log = tv.subscribe(Tv::PATHS.position, |_, change| assert_eq!(change.name(), "tv"));
    /// tv.set(Tv::PATHS.position, 7);
    /// # assert_eq!(tv.panics(), 0);
    /// ```
    pub fn name(&self) -> &str {
        self.cell.name()
    }
}

impl<T> fmt::Debug for Change<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("version", &self.version).finish_non_exhaustive()
    }
}
