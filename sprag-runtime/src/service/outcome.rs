//! [`Outcome`]: the return types of hooks and `new`.

use crate::error::{BoxError, Error, Result};

/// A `T`, or any `Result<T, E>` whose error can be boxed. A task that loops without end is a
/// `()` as well: `scope.spawn(async { loop { … } })`.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Player;
/// #[service]
/// impl Player {
///     fn new() -> Result<Self, std::io::Error> {
///         std::fs::metadata(".").map(|_| Self)
///     }
///
///     fn on_start(&self) {}
///
///     async fn on_stop(&self) -> sprag::Result<()> {
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a service's `new`, hooks and tasks cannot return `{Self}` here",
    label = "expected `{T}` or a `Result<{T}, _>`",
    note = "an error may be anything that converts into `Box<dyn Error + Send + Sync>`"
)]
pub trait Outcome<T> {
    /// Converts this to a result with the boxed error.
    #[doc(hidden)]
    fn __outcome(self) -> Result<T>;
}

#[diagnostic::do_not_recommend]
impl<T> Outcome<T> for T {
    fn __outcome(self) -> Result<T> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: Into<BoxError>> Outcome<T> for std::result::Result<T, E> {
    fn __outcome(self) -> Result<T> {
        self.map_err(Error::new)
    }
}

/// The type of an `async` block that never ends, as the edition 2024 infers it.
type Never = <fn() -> ! as Returns>::Type;

/// Names the type `!`, which stable Rust permits only as the return type of a function.
#[doc(hidden)]
pub trait Returns {
    /// The type that the function returns.
    type Type;
}

impl<T> Returns for fn() -> T {
    type Type = T;
}

#[diagnostic::do_not_recommend]
impl Outcome<()> for Never {
    fn __outcome(self) -> Result<()> {
        self
    }
}
