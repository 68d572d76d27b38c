//! The app as its services see it: [`Scope`]'s view of readiness, health and the stop.

use std::sync::Arc;

use super::health::AppHealth;
use super::health_checks::check_all;
use super::shared::AppState;
use super::start_report::ServiceStart;
use super::{App, ServiceState};
use crate::error::{BoxError, Error};
use crate::service::{Scope, StopReason};

/// The app as one of its services sees it, for example to serve `/healthz` and `/readyz`.
impl Scope {
    /// Runs the health check of every service of the app; see [`App::health`].
    ///
    /// Do not await this in a `#[health]` hook: the check would wait for itself until its
    /// limit. The result is empty before the app has begun to start, and after it has gone.
    ///
    /// ```
    /// # use sprag::{prelude::*, start_with};
    /// # pub struct Probe { scope: Scope }
    /// #[service]
    /// impl Probe {
    ///     fn new(scope: &Scope) -> Self {
    ///         Self { scope: scope.clone() }
    ///     }
    ///
    ///     pub async fn healthz(&self) -> u16 {
    ///         if self.scope.health().await.status().is_healthy() { 200 } else { 503 }
    ///     }
    ///
    ///     pub fn readyz(&self) -> u16 {
    ///         if self.scope.is_ready() { 200 } else { 503 }
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("probe");
    /// # let service = Probe::new(&scope);
    /// # let probe = start_with(scope, service).await?;
    /// assert_eq!((probe.get()?.healthz().await, probe.get()?.readyz()), (200, 200));
    /// # probe.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn health(&self) -> AppHealth {
        match self.app() {
            Some(app) => check_all(&app).await,
            None => AppHealth { services: Vec::new() },
        }
    }

    /// Whether all services of the app have started, none is stopping, and the resources that
    /// they own are healthy; see [`App::is_ready`].
    pub fn is_ready(&self) -> bool {
        self.app().is_some_and(|app| app.is_ready())
    }

    /// The state of each service of the app; see [`App::services`].
    pub fn services(&self) -> Vec<(Arc<str>, ServiceState)> {
        self.app().map(|app| app.states()).unwrap_or_default()
    }

    /// Waits until a stop of the app is requested, for any reason. All services observe
    /// this at once, before their own tasks are cancelled.
    pub async fn stopping(&self) {
        self.context().any_stop_requested().await;
    }

    /// Stops the app because of `error`. The reason of the stop is a failure of this
    /// service, and `run` returns exit code 1. Returns at once. If the app is stopping
    /// already, the first reason stays. Until this service has stopped, the error is also a
    /// failed step of the service in the report.
    ///
    /// ```
    /// # use sprag::app::StopReason;
    /// # use sprag::{prelude::*, start_with};
    /// # pub struct Disk { scope: Scope }
    /// # #[service]
    /// # impl Disk {
    /// #     fn new(scope: &Scope) -> Self { Self { scope: scope.clone() } }
    /// #     pub fn full(&self) { self.scope.fail("the disk is full"); }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("disk");
    /// # let service = Disk::new(&scope);
    /// # let disk = start_with(scope, service).await?;
    /// disk.get()?.full(); // calls `scope.fail("the disk is full")`
    /// let report = disk.stopped().await;
    /// assert!(matches!(report.reason(), StopReason::Failed { .. }));
    /// # Ok(())
    /// # }
    /// ```
    pub fn fail(&self, error: impl Into<BoxError>) {
        let (service, error) = (self.shared_name(), Arc::new(Error::new(error)));
        self.counters().gave_up(&error.text());
        self.context().request_stop(StopReason::Failed { service, error });
    }

    /// Stops the app as [`shutdown`](Self::shutdown) does, with an exit code for `run`.
    ///
    /// If a step of the stop does not finish, the code is 1, unless `code` is greater than
    /// 1.
    pub fn shutdown_with(&self, code: u8) {
        let service = self.shared_name();
        self.context().root().request_stop(StopReason::Shutdown { service, code });
    }

    fn app(&self) -> Option<Arc<AppState>> {
        self.context().root().app()?.downcast().ok()
    }
}

impl<A> App<A> {
    /// The state of each service, in the order of `app!`.
    ///
    /// ```
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// use sprag::app::ServiceState;
    ///
    /// let (name, state) = &hub.services()[0];
    /// assert_eq!((&**name, *state), ("Player", ServiceState::Running));
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn services(&self) -> Vec<(Arc<str>, ServiceState)> {
        self.supervisor.app.states()
    }

    /// Waits until a stop of the app is requested, for any reason.
    pub async fn stopping(&self) {
        self.supervisor.app.context.stop_requested().await;
    }

    /// How long each service took to start, and which service it waited for last, in the
    /// order of `app!`.
    ///
    /// ```
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let hub = Hub::start().await?;
    /// for start in hub.start_report() {
    ///     println!("{start}"); // Player: waited 0.0ms, started in 0.1ms
    /// }
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn start_report(&self) -> Vec<ServiceStart> {
        self.supervisor.app.starts()
    }
}
