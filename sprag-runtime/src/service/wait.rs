//! [`Scope::wait_for`]: another service of the app, found at run time.

use std::any::type_name;

use super::handle::Handle;
use super::scope::Scope;
use crate::error::WaitError;

impl Scope {
    /// Waits until the service `T` of the app runs, and returns a handle to it. `T` can be
    /// a trait that a service is listed as.
    ///
    /// Use this for a service that `new` does not take: one that is found at run time, or
    /// that the graph's order does not cover. A dependency in `new` needs no wait, and the
    /// compiler checks it. As with every `Handle`, the service can stop at any time after
    /// this has returned.
    ///
    /// Do not await this in `new` or `on_start` for a service that starts later than this
    /// one: both would wait until the hook's deadline.
    ///
    /// # Errors
    ///
    /// [`WaitError`], if the app has no `T`, or if a stop of this life is requested before
    /// `T` runs.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # static PLAYED: tokio::sync::Notify = tokio::sync::Notify::const_new();
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// pub struct Screen;
    ///
    /// #[service]
    /// impl Screen {
    ///     fn new() -> Self {
    ///         Self
    ///     }
    /// }
    ///
    /// pub struct Player;
    ///
    /// #[service]
    /// impl Player {
    ///     fn new() -> Self {
    ///         Self
    ///     }
    ///
    ///     #[task]
    ///     async fn play(&self, scope: &Scope) -> sprag::Result<()> {
    ///         let screen = scope.wait_for::<Screen>().await?;
    ///         assert!(screen.is_available());
    /// #       PLAYED.notify_one();
    ///         Ok(())
    ///     }
    /// }
    ///
    /// app! { pub Hub { Player, Screen } }
    ///
    /// # let hub = Hub::start().await?;
    /// # PLAYED.notified().await;
    /// # assert!(hub.stop().await.is_clean());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for<T: ?Sized + 'static>(&self) -> Result<Handle<T>, WaitError> {
        let found = self.context().registry().and_then(|registry| registry.handle::<T>());
        let service = type_name::<T>();
        let handle = found.ok_or(WaitError::NotInApp { service })?;
        tokio::select! {
            biased;
            () = handle.available() => Ok(handle),
            () = self.context().any_stop_requested() => {
                Err(WaitError::Stopped { source: self.stopped() })
            }
        }
    }
}
