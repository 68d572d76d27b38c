//! Services: what one is, what it is given and what it owns. Which services
//! there are and when they run is the app's business, not this module's.

mod config;
mod handle;
mod health;
mod link;
mod outcome;
mod params;
mod scope;
mod stack;
mod wiring;

pub use config::Config;
pub use handle::{Handle, Ref, Unavailable};
pub use health::{Health, IntoHealth};
pub use outcome::Outcome;
pub use scope::{Scope, Stopped};

pub(crate) use handle::Slot;
pub use link::StopReason;

pub(crate) use link::Link;
pub(crate) use wiring::{Attach, BoxFuture, HealthCheck, Wired, wire};

/// What `#[service]` writes.
pub(crate) mod expansion {
    pub use super::handle::{Cast, Instance};
    pub use super::params::{Edges, Given, Gives, Has, Param, Params, Provides, Source, Types};
    pub use super::wiring::{Wiring, not_expanded};
}

/// A part of an app that is started, stopped and owns things.
///
/// `#[service]` on its `impl` block writes this; the type stays a plain struct.
///
/// ```
/// use sprag::{Service, prelude::*};
///
/// pub struct Player;
///
/// #[service]
/// impl Player {
///     fn new() -> Self {
///         Self
///     }
/// }
///
/// fn is_a_service<S: Service>() {}
/// is_a_service::<Player>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not a service",
    note = "put `#[service]` on its `impl` block"
)]
pub trait Service: Sized + Send + Sync + 'static {
    /// What its `new` takes, as a list of pairs.
    #[doc(hidden)]
    type __Params: Send + 'static;
    /// What it needs without holding it, as a list of handles.
    #[doc(hidden)]
    type __Needs;
    /// What it comes after where that is there, as a list of handles.
    #[doc(hidden)]
    type __Wants;

    /// Calls `new`.
    #[doc(hidden)]
    fn __create(params: Self::__Params) -> impl Future<Output = crate::error::Result<Self>> + Send;

    /// Says which fields are owned and which hooks there are.
    #[doc(hidden)]
    fn __wire(wiring: &mut wiring::Wiring<Self>);
}
