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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s9_a_start_says_how_long_it_waited_and_for_whom() {
        let second = Duration::from_secs(1);
        let first = ServiceStart {
            service: "db".into(),
            waited: Duration::ZERO,
            waited_for: None,
            took: 2 * second,
        };
        assert_eq!(first.to_string(), "db: waited 0.0ns, started in 2.0s");
        let next = ServiceStart {
            service: "web".into(),
            waited: 2 * second,
            waited_for: Some("db".into()),
            took: second,
        };
        assert_eq!((next.service(), next.waited_for()), ("web", Some("db")));
        assert_eq!((next.waited(), next.took()), (2 * second, second));
        assert_eq!(next.to_string(), "web: waited 2.0s, last for db, started in 1.0s");
    }
}
