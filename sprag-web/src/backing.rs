//! [`Backing`]: the state behind a store, in this process or in several.

use std::future::{Future, ready};

use sprag_runtime::error::{ApplyError, ApplyIfError};
use sprag_runtime::path::State;
use sprag_runtime::{Changeset, Model, View};

/// The state behind a store: a [`Model`], or a wrapper of one that makes its writes
/// elsewhere.
///
/// [`store_over`](crate::store_over) creates a store from a backing. Implement this trait
/// for a state whose writes leave the process before they count.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use sprag::prelude::*;
/// use sprag::state::{Changeset, View};
/// use sprag_web::{Backing, BackingError, store_over};
///
/// #[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
/// #[model(browser = "write")]
/// struct Tv {
///     volume: u8,
/// }
///
/// /// A model whose writes are counted.
/// struct Counted(Model<Tv>);
///
/// impl Backing<Tv> for Counted {
///     fn view(&self) -> &View<Tv> {
///         &self.0
///     }
///
///     async fn apply_if<E, N, X>(
///         &self,
///         set: Changeset,
///         now: N,
///         next: X,
///     ) -> Result<u64, BackingError<E>>
///     where
///         E: Send + 'static,
///         N: Fn(&Tv) -> Result<(), E> + Send + 'static,
///         X: Fn(&Tv) -> Result<(), E> + Send + 'static,
///     {
///         println!("{} ops", set.ops.len());
///         Backing::apply_if(&self.0, set, now, next).await
///     }
/// }
///
/// let tv = store_over("tv", Counted(create_model("tv", Tv::default())));
/// let stores = sprag_web::Stores::new().add(&tv);
/// ```
pub trait Backing<T: State + Clone + Send + Sync>: Send + Sync + 'static {
    /// The state, for reading and observing. Every commit of the store is a commit of this
    /// view.
    fn view(&self) -> &View<T>;

    /// The name of the store's incarnation, in which the versions count, if other processes
    /// show the same states at the same versions; `None` if the versions are this process's
    /// own.
    ///
    /// A page that comes from a server of the same incarnation continues at its version without
    /// receiving the state again. The text has only letters and digits.
    fn incarnation(&self) -> Option<&str> {
        None
    }

    /// Whether the view has every write that other processes have made, as far as this one
    /// knows. A page that has seen a later version than the view's waits while this is false;
    /// while it is true, the page waits for at most 30 s, and then receives the state.
    fn is_current(&self) -> bool {
        true
    }

    /// Applies the ops of `set` as one commit with the origin `set.by`, if `now` accepts
    /// the state before them and `next` the state after them. Returns the version of the
    /// commit, at which [`view`](Self::view) includes the write.
    ///
    /// No other write comes between the checks and the commit. A backing that must repeat
    /// the write repeats the checks, too. The future is always run to its end.
    ///
    /// # Errors
    ///
    /// A [`BackingError`]. Nothing was written then, except possibly after
    /// [`BackingError::Unknown`].
    fn apply_if<E, N, X>(
        &self,
        set: Changeset,
        now: N,
        next: X,
    ) -> impl Future<Output = Result<u64, BackingError<E>>> + Send
    where
        E: Send + 'static,
        N: Fn(&T) -> Result<(), E> + Send + 'static,
        X: Fn(&T) -> Result<(), E> + Send + 'static;
}

/// Why a [`Backing`] did not make a write.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackingError<E> {
    /// The ops do not match the state.
    #[error(transparent)]
    Apply(ApplyError),
    /// One of the checks refused the write.
    #[error("refused: {0}")]
    Refused(E),
    /// The state can never accept the write. The text is sent to the browser's caller.
    #[error("the write cannot be made: {0}")]
    Invalid(String),
    /// The write was not made, for a temporary reason. The text is for the server's log.
    /// The browser sends the write again.
    #[error("the write was not made: {0}")]
    Unavailable(String),
    /// The write may be made, now or later. The text is for the server's log. The browser's
    /// caller gets `unknown`.
    #[error("the outcome of the write is unknown: {0}")]
    Unknown(String),
}

impl<E> From<ApplyIfError<E>> for BackingError<E> {
    fn from(error: ApplyIfError<E>) -> Self {
        match error {
            ApplyIfError::Apply(error) => Self::Apply(error),
            ApplyIfError::Refused(refused) => Self::Refused(refused),
            _ => Self::Unavailable("the model did not take the changeset".to_owned()),
        }
    }
}

/// A model of this process. A write costs the size of its ops, and blocks for that time.
impl<T: State + Clone + Send + Sync> Backing<T> for Model<T> {
    fn view(&self) -> &View<T> {
        self
    }

    fn apply_if<E, N, X>(
        &self,
        set: Changeset,
        now: N,
        next: X,
    ) -> impl Future<Output = Result<u64, BackingError<E>>> + Send
    where
        E: Send + 'static,
        N: Fn(&T) -> Result<(), E> + Send + 'static,
        X: Fn(&T) -> Result<(), E> + Send + 'static,
    {
        ready(Self::apply_if(self, &set, now, next).map_err(BackingError::from))
    }
}
