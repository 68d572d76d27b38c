//! [`SendJobError`] and [`CallError`]: the errors of enqueueing a job and of calling a
//! worker.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::SharedError;

/// The queue of a worker did not accept a job, which is in this error.
///
/// ```
/// # use sprag::{prelude::*, start_with};
/// # pub struct Thumbnails;
/// # #[derive(Debug, PartialEq)]
/// # pub struct Resize(u32);
/// # #[service]
/// # impl Thumbnails {
/// #     fn new() -> Self { Self }
/// #     #[worker(1)]
/// #     async fn resize(&self, _job: Resize) {}
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let thumbnails = start_with(Scope::new("thumbnails"), Thumbnails::new()).await?;
/// use sprag::error::Refusal;
///
/// let queue = thumbnails.handle().queue();
/// thumbnails.stop().await;
/// let refused = queue.try_send(Resize(300)).unwrap_err();
/// assert_eq!(refused.to_string(), "service `thumbnails` is not running; the job was not accepted");
/// assert_eq!(refused.reason(), Refusal::Stopped);
/// assert_eq!(refused.into_job(), Resize(300));
/// # Ok(())
/// # }
/// ```
pub struct SendJobError<J> {
    pub(crate) job: J,
    pub(crate) reason: Refusal,
    pub(crate) service: Arc<str>,
}

/// Why a queue did not accept a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The queue has no free place.
    Full,
    /// The queue had no free place for as long as the sender would wait.
    TimedOut,
    /// The service has not started or has stopped.
    Stopped,
}

impl<J> SendJobError<J> {
    /// Why the queue did not accept the job.
    pub fn reason(&self) -> Refusal {
        self.reason
    }

    /// The job.
    pub fn into_job(self) -> J {
        self.job
    }

    /// The service's name.
    pub fn service(&self) -> &str {
        &self.service
    }
}

impl<J> fmt::Debug for SendJobError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendJobError")
            .field("service", &self.service)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl<J> fmt::Display for SendJobError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = &self.service;
        match self.reason {
            Refusal::Full => write!(f, "the queue of service `{service}` is full"),
            Refusal::TimedOut => {
                write!(f, "the queue of service `{service}` had no free place in time")
            }
            Refusal::Stopped => {
                write!(f, "service `{service}` is not running; the job was not accepted")
            }
        }
    }
}

impl<J> std::error::Error for SendJobError<J> {}

/// Why a call of a worker returned no reply.
///
/// ```
/// # use sprag::{prelude::*, start_with};
/// # pub struct Thumbnails;
/// # pub struct Resize(u32);
/// # #[service]
/// # impl Thumbnails {
/// #     fn new() -> Self { Self }
/// #     #[worker(1)]
/// #     async fn resize(&self, _job: Resize) -> Result<(), String> { Err("no memory".into()) }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let thumbnails = start_with(Scope::new("thumbnails"), Thumbnails::new()).await?;
/// use sprag::error::CallError;
///
/// let failed = thumbnails.handle().queue().call(Resize(300)).await.unwrap_err();
/// let CallError::Failed { source, .. } = failed else { panic!("{failed}") };
/// assert_eq!(source.to_string(), "no memory");
/// # thumbnails.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The service has not started or has stopped; the job was not accepted.
    #[error("service `{service}` is not running; the job was not accepted")]
    Stopped {
        /// The service of the worker.
        service: Arc<str>,
    },
    /// The worker did not reply in time.
    #[error("service `{service}` did not reply within {limit:?}")]
    TimedOut {
        /// The service of the worker.
        service: Arc<str>,
        /// How long the caller waited.
        limit: Duration,
    },
    /// The worker returned an error.
    #[error("service `{service}` failed in `{worker}`")]
    Failed {
        /// The service of the worker.
        service: Arc<str>,
        /// The worker's method.
        worker: &'static str,
        /// The error that the worker returned.
        source: SharedError,
    },
    /// The worker panicked.
    #[error("service `{service}` panicked in `{worker}`: {message}")]
    Panicked {
        /// The service of the worker.
        service: Arc<str>,
        /// The worker's method.
        worker: &'static str,
        /// The message of the panic.
        message: String,
    },
    /// The service stopped before the job was done.
    #[error("service `{service}` stopped before the job was done")]
    Lost {
        /// The service of the worker.
        service: Arc<str>,
    },
}

#[cfg(test)]
mod tests {
    use super::{Refusal, SendJobError};

    #[test]
    fn s10_a_refused_job_comes_back_with_the_reason() {
        for (reason, text) in [
            (Refusal::Full, "the queue of service `player` is full"),
            (Refusal::TimedOut, "the queue of service `player` had no free place in time"),
            (Refusal::Stopped, "service `player` is not running; the job was not accepted"),
        ] {
            let error = SendJobError { job: 7, reason, service: "player".into() };
            assert_eq!((error.to_string().as_str(), error.reason()), (text, reason));
            assert_eq!(error.service(), "player");
            assert_eq!(error.into_job(), 7);
        }
    }
}
