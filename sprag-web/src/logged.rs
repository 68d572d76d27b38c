//! Stores over a model on a log.

use sprag_log::{Logged, TransactError, WriteError};
use sprag_runtime::error::ApplyIfError;
use sprag_runtime::path::State;
use sprag_runtime::{Changeset, ToJsonState, View};

use crate::backing::{Backing, BackingError};
use crate::published::{Published, store_over};
use crate::to_store::ToStore;

/// A model on a log. A write gets its reply when it is in the log; every server with the
/// log then shows the write, at the same version.
///
/// Conditions and `validate` run in the committer, on the state of the log with the waiting
/// writes, and run again if another process was first.
///
/// A page that comes to another server continues at its version: it receives the commits
/// that it missed, or the state if that server does not keep them. Only the server that
/// receives a page's writes knows their numbers, so for writes each server is an epoch of
/// its own: the page's writes without a reply are `unknown`, and are never made twice.
/// Configure the load balancer to send a browser to one server.
impl<T: State + Clone + Send + Sync> Backing<T> for Logged<T> {
    fn view(&self) -> &View<T> {
        self
    }

    fn incarnation(&self) -> Option<&str> {
        Some(Self::incarnation(self))
    }

    fn is_current(&self) -> bool {
        Self::is_current(self)
    }

    async fn apply_if<E, N, X>(
        &self,
        set: Changeset,
        now: N,
        next: X,
    ) -> Result<u64, BackingError<E>>
    where
        E: Send + 'static,
        N: Fn(&T) -> Result<(), E> + Send + 'static,
        X: Fn(&T) -> Result<(), E> + Send + 'static,
    {
        Self::apply_if(self, set, now, next).await.map_err(failed)
    }
}

/// A store with the name that the model has on the log.
///
/// ```no_run
/// use serde::{Deserialize, Serialize};
/// use sprag::prelude::*;
/// use sprag_web::Stores;
///
/// #[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
/// struct Rooms {
///     #[model(browser = "write")]
///     open: bool,
/// }
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let log = sprag_log::File::open("state/")?;
/// let rooms = log.model("rooms", Rooms::default()).await?;
/// let stores = Stores::new().add(&rooms);
/// # Ok(())
/// # }
/// ```
impl<T: State + ToJsonState + Clone + Send + Sync> ToStore for Logged<T> {
    type State = T;
    type Backing = Self;

    fn to_store(&self) -> Published<T, Self> {
        store_over(self.name(), self.clone())
    }
}

fn failed<E>(error: TransactError<ApplyIfError<E>>) -> BackingError<E> {
    match error {
        TransactError::Refused(refused) => refused.into(),
        TransactError::Write(error @ WriteError::Unknown { .. }) => {
            BackingError::Unknown(error.to_string())
        }
        TransactError::Write(
            error @ (WriteError::TooLarge { .. }
            | WriteError::Unwritable { .. }
            | WriteError::Absent(_)),
        ) => BackingError::Invalid(error.to_string()),
        TransactError::Write(error) => BackingError::Unavailable(error.to_string()),
        _ => BackingError::Unavailable("the log did not take the write".to_owned()),
    }
}
