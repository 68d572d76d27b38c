//! [`ChildError`]: why a child did not start.

use std::sync::Arc;

use super::start_error::StartError;
use crate::error::Stopped;

/// Why a child did not start. The resources that its start had acquired were released.
///
/// ```
/// # use sprag::{prelude::*, start_with};
/// # pub struct Device;
/// # #[service]
/// # impl Device { fn new() -> Self { Self } }
/// # pub struct Devices;
/// # #[service]
/// # impl Devices { fn new() -> Self { Self } }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let scope = Scope::new("devices");
/// # let devices = start_with(scope.clone(), Devices::new()).await?;
/// use sprag::error::ChildError;
///
/// let _tv = scope.child("tv", |_| Device::new()).await?;
/// let error = scope.child("tv", |_| Device::new()).await.unwrap_err();
/// assert!(matches!(error, ChildError::NameTaken { .. }));
/// assert_eq!(error.to_string(), "child `devices/tv` runs already; its name is free once it has stopped");
/// # devices.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChildError {
    /// A child of this name has not stopped yet.
    #[error("child `{child}` runs already; its name is free once it has stopped")]
    NameTaken {
        /// The parent's name and the child's.
        child: Arc<str>,
    },
    /// The parent is stopping.
    #[error(transparent)]
    Stopped {
        /// The parent's name.
        source: Stopped,
    },
    /// The parent's scope does not belong to a running service.
    #[error("service `{parent}` was not started, so it has no children; call `start_with` first")]
    NotRunning {
        /// The parent's name.
        parent: Arc<str>,
    },
    /// The `new` of the child takes parameters that the app does not have.
    #[error("child `{child}` needs {types}, which its app does not have")]
    Missing {
        /// The parent's name and the child's.
        child: Arc<str>,
        /// The types of the missing services and values.
        types: String,
    },
    /// The start of the child failed, or was cancelled.
    #[error(transparent)]
    Start {
        /// The reason.
        source: StartError,
    },
}
