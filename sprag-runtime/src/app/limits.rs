//! [`Limits`]: how long a start and a stop may take.

use std::time::Duration;

/// How long starting and stopping may take.
///
/// Deadlines are in real time, whatever the runtime's clock does. Of a time in which the whole
/// process was frozen, by SIGSTOP for example, the limit of a hook counts at most a second.
///
/// Pass the limits to an app's builder or to [`start_with`](super::start_with). A step that
/// exceeds its limit is aborted, and counts as leaked if it blocks its thread; the start or
/// stop goes on.
///
/// ```
/// # use sprag::app::Limits;
/// # use std::time::Duration;
/// const QUICK: Limits = Limits::new()
///     .start_hook(Duration::from_secs(1))
///     .stop_hook(Duration::from_millis(500))
///     .stop_total(Duration::from_secs(5));
/// assert_ne!(QUICK, Limits::new());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) start_hook: Duration,
    pub(crate) start_total: Duration,
    pub(crate) stop_hook: Duration,
    pub(crate) stop_total: Duration,
    pub(crate) grace: Duration,
    pub(crate) floor: Duration,
}

impl Limits {
    /// 5 s for each hook, each service's tasks and each release, 25 s for a whole
    /// start and a whole stop.
    ///
    /// ```
    /// # use sprag::app::Limits;
    /// # use std::time::Duration;
    /// assert_eq!(Limits::new(), Limits::default());
    /// ```
    pub const fn new() -> Self {
        Self {
            start_hook: Duration::from_secs(5),
            start_total: Duration::from_secs(25),
            stop_hook: Duration::from_secs(5),
            stop_total: Duration::from_secs(25),
            grace: Duration::from_secs(5),
            floor: Duration::from_millis(50),
        }
    }

    /// How long each `new` and each `on_start` may take.
    ///
    /// One that takes longer fails the start.
    ///
    /// ```
    /// # use sprag::app::Limits;
    /// # use std::time::Duration;
    /// let limits = Limits::new().start_hook(Duration::from_secs(1));
    /// assert_ne!(limits, Limits::new());
    /// ```
    #[must_use]
    pub const fn start_hook(mut self, limit: Duration) -> Self {
        self.start_hook = limit;
        self
    }

    /// How long the start of all services may take together.
    ///
    /// When the time is up, the start fails, and the services that have started are
    /// stopped.
    ///
    /// ```
    /// # use sprag::app::Limits;
    /// # use std::time::Duration;
    /// let limits = Limits::new().start_total(Duration::from_secs(10));
    /// assert_ne!(limits, Limits::new());
    /// ```
    #[must_use]
    pub const fn start_total(mut self, limit: Duration) -> Self {
        self.start_total = limit;
        self
    }

    /// How long each `on_stop`, each `#[health]` hook and the release of each owned
    /// thing may take.
    ///
    /// ```
    /// # use sprag::app::Limits;
    /// # use std::time::Duration;
    /// let limits = Limits::new().stop_hook(Duration::from_millis(500));
    /// assert_ne!(limits, Limits::new());
    /// ```
    #[must_use]
    pub const fn stop_hook(mut self, limit: Duration) -> Self {
        self.stop_hook = limit;
        self
    }

    /// How long the stop of all services may take together.
    ///
    /// When the time is up, each remaining step still gets 50 ms.
    ///
    /// ```
    /// # use sprag::app::Limits;
    /// # use std::time::Duration;
    /// let limits = Limits::new().stop_total(Duration::from_secs(10));
    /// assert_ne!(limits, Limits::new());
    /// ```
    #[must_use]
    pub const fn stop_total(mut self, limit: Duration) -> Self {
        self.stop_total = limit;
        self
    }

    /// How long tasks may take to end by themselves before they are aborted.
    ///
    /// The limit is for all tasks of one service together.
    ///
    /// ```
    /// # use sprag::app::Limits;
    /// # use std::time::Duration;
    /// let limits = Limits::new().grace(Duration::from_millis(100));
    /// assert_ne!(limits, Limits::new());
    /// ```
    #[must_use]
    pub const fn grace(mut self, limit: Duration) -> Self {
        self.grace = limit;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
