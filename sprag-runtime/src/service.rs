//! Services: the trait, the parameters of `new`, and the resources that a service owns. The
//! module [`app`](crate::app) decides which services run and when.

mod blocking;
mod children;
mod clock;
mod config;
mod context;
mod dependencies;
mod failure_counters;
mod failure_policy;
mod handle;
mod hook_calls;
mod hook_site;
mod into_health;
mod listener_queue;
mod listeners;
mod outcome;
mod params;
#[cfg(unix)]
mod process;
mod registry;
mod resource_checks;
mod running_calls;
mod scope;
mod stack;
mod wait;
mod watch;
mod wiring;
mod worker;

use params::Param;

pub use crate::health::{Health, ResourceCheck};
pub use config::Config;
pub use failure_counters::HookFailures;
pub use failure_policy::OnFailure;
pub use handle::{Handle, HasMethods, Ref};
pub use into_health::IntoHealth;
pub use outcome::Outcome;
#[cfg(unix)]
pub use process::{ManagedProcess, OutputLine, OutputStream, ProcessCommand};
pub use running_calls::RunningHook;
pub use scope::Scope;
pub use watch::{FollowedStream, WatchTarget, WatchedItem, WatchedValue};
pub use worker::{JobQueue, JobReceiver, JobReply, NoJob, QueueDepth, Works};

pub(crate) use children::{ErasedChild, NotAdded};
pub use context::StopReason;
pub(crate) use handle::ServiceSlot;
pub(crate) use hook_site::HookSite;
pub(crate) use registry::{Registry, Value};

pub(crate) use blocking::OnceHook;
pub(crate) use context::{AppContext, ServiceFailure};
pub(crate) use failure_policy::Action;
pub(crate) use wiring::{Attachment, BoxFuture, HealthCheck, Wired, wire};
pub(crate) use worker::Leftover;

/// The code that `#[service]` writes.
pub(crate) mod expansion {
    pub use super::dependencies::{
        Edges, Given, GivenTo, InApp, Needs, Provides, Shareable, erase,
    };
    pub use super::handle::{Cast, HasMethods, Instance};
    pub use super::listener_queue::QueueLimit;
    pub use super::params::{ConfiguredParam, Param, ParamSource};
    pub use super::registry::{Registration, Value};
    pub use super::watch::{
        FollowedStream, StreamItems, WatchTarget, WatchedItem, WatchedValue, opened,
    };
    pub use super::wiring::{Wiring, not_expanded};
    pub use super::worker::{NoJob, WorkerOptions, Works};
    pub use super::{ServiceParameter, Shared};
}

/// A part of an app that starts, stops and owns resources.
///
/// `#[service]` on an `impl` block implements this trait; the type remains a plain struct.
///
/// ```
/// use sprag::{prelude::*, service::Service};
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
pub trait Service: Sized + Shared + 'static {
    /// The parameters of `new`, as a tree of pairs.
    #[doc(hidden)]
    type __Params: Param;
    /// The handles in `depends_on(…)`, as a tree of pairs.
    #[doc(hidden)]
    type __Needs;
    /// The optional handles in `wants(…)`, as a tree of pairs.
    #[doc(hidden)]
    type __Wants: Param;
    /// The methods of the service, none of which compiles.
    #[doc(hidden)]
    type __OnHandle: 'static;
    #[doc(hidden)]
    const __ON_HANDLE: &'static Self::__OnHandle;

    /// Calls `new`.
    #[doc(hidden)]
    fn __create(params: Self::__Params) -> impl Future<Output = crate::error::Result<Self>> + Send;

    /// Lists the owned fields and the hooks.
    ///
    /// The bound repeats what the trait requires. Since the bound has a lifetime of its
    /// own, the compiler does not check it in an impl, so a service that is not shareable
    /// is one error and not one more for each hook.
    #[doc(hidden)]
    fn __wire(wiring: &mut wiring::Wiring<Self>)
    where
        for<'a> Self: Send + Sync;
}

impl<S: Service> handle::OnHandle for S {
    type Methods = S::__OnHandle;
    const METHODS: &'static Self::Methods = S::__ON_HANDLE;
}

/// A type that many threads can use at once: any type that is `Send` and `Sync`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a service, because it is not `Send` and `Sync`",
    label = "many threads use a service at once",
    note = "its content must be shareable: an `Arc` instead of an `Rc`, a `Store`, a `Mutex` or an atomic instead of a `Cell`"
)]
// `Send` and `Sync` are not supertraits, since the compiler would then report each of them
// for one type that is not shareable. The methods that need them are in the only impl.
#[expect(private_interfaces, reason = "for generated code")]
pub trait Shared {
    /// Connects a service with its scope.
    #[doc(hidden)]
    fn __wired(self, scope: &Scope) -> Wired
    where
        Self: Service;
}

#[diagnostic::do_not_recommend]
#[expect(private_interfaces, reason = "for generated code")]
impl<T: Send + Sync> Shared for T {
    fn __wired(self, scope: &Scope) -> Wired
    where
        Self: Service,
    {
        wire(self, scope)
    }
}

/// A type parameter of a generic service: any type that is `Send`, `Sync` and `'static`.
/// One trait for the three is one error where `app!` lists a service of another type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a service, because it is not `Send` and `Sync`",
    label = "many threads use a service at once",
    note = "use a shareable type: an `Arc` instead of an `Rc`, a `Mutex` or an atomic instead of a `Cell`"
)]
pub trait ServiceParameter: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> ServiceParameter for T {}
