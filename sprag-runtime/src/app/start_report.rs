//! [`ServiceStart`]: how long a service took to start, and what it waited for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How one service started.
#[derive(Clone, Debug)]
pub struct ServiceStart {
    pub(crate) service: Arc<str>,
    pub(crate) waited: Duration,
    pub(crate) waited_for: Option<Arc<str>>,
    pub(crate) took: Duration,
}

impl ServiceStart {
    /// The service's name.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// How long the service waited for others.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// The service that was waited for last; `None` if all dependencies had started before.
    pub fn waited_for(&self) -> Option<&str> {
        self.waited_for.as_deref()
    }

    /// How long `new` and `on_start` took.
    pub fn took(&self) -> Duration {
        self.took
    }
}

impl fmt::Display for ServiceStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: waited {:.1?}", self.service, self.waited)?;
        let last = |name: &Arc<str>| write!(f, ", last for {name}");
        self.waited_for.as_ref().map_or(Ok(()), last)?;
        write!(f, ", started in {:.1?}", self.took)
    }
}
