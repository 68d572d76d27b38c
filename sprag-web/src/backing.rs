//! [`Backing`]: what a store shows and writes: a model of this process, or one of several.

use std::future::{Future, ready};

use sprag_runtime::error::{ApplyError, ApplyIfError};
use sprag_runtime::path::State;
use sprag_runtime::{Changeset, Model, View};

/// The state behind a store: a [`Model`], or what wraps one and makes its writes elsewhere.
///
/// [`store_over`](crate::store_over) makes a store of a backing. Implement the trait for a
/// state whose writes leave the process before they count.
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
    /// The state to read and to follow. Every commit of the store is a commit here.
    fn view(&self) -> &View<T>;

    /// The name of the states that the versions count, where other processes show the same
    /// ones under the same versions; `None` where the versions are this process's own.
    ///
    /// A page that comes from a server of the same history goes on at its version, and is
    /// not sent the state. The text has letters and digits only.
    fn history(&self) -> Option<&str> {
        None
    }

    /// Makes the ops of `set` as one commit of the origin `set.by`, if `now` accepts the
    /// state before them and `next` the state after them. Answers with the version of the
    /// commit, at which [`view`](Self::view) shows the write.
    ///
    /// No other write comes between the checks and the commit. A backing that has to make
    /// the write again runs the checks again. The future is never dropped before it is done.
    ///
    /// # Errors
    ///
    /// A [`BackingError`]. Nothing is written then, except after [`BackingError::Unknown`].
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
    /// The ops do not fit the state.
    #[error(transparent)]
    Apply(ApplyError),
    /// One of the checks refused the write.
    #[error("refused: {0}")]
    Refused(E),
    /// The state never takes the write; the text is for the browser's caller.
    #[error("the write cannot be made: {0}")]
    Invalid(String),
    /// The write was not made for a reason that passes; the text is for the server's log.
    /// The browser sends the write again.
    #[error("the write was not made: {0}")]
    Unavailable(String),
    /// The write may be made, now or later; the text is for the server's log. The browser's
    /// caller is answered `unknown`.
    #[error("whether the write was made is not known: {0}")]
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

/// A model of this process. A write costs what it writes and blocks for that time.
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
