//! [`Screen`]: the state of the playback, in memory or on a log.

use std::convert::Infallible;

use sprag::service::{Resource, ResourceCheck};
use sprag::state::{Changeset, Transaction, View};
use sprag::{Error, Result, prelude::*};
use sprag_log::{File, Logged};
use sprag_web::{Backing, BackingError};

use crate::options::Memory;
use crate::shown::shown;
use crate::tv::Tv;

/// The name of the state on the log, and in the browser.
pub(crate) const NAME: &str = "tv";

/// The playback, with its storage.
#[derive(Clone)]
pub(crate) enum Screen {
    /// A model whose state ends with the process.
    Memory(Model<Tv>),
    /// A model on a log, whose state survives the process.
    Logged(Logged<Tv>),
}

impl Screen {
    /// Opens the state, and recovers the state that is on the log.
    pub(crate) async fn open(memory: &Memory) -> Result<Self> {
        match memory {
            Memory::Process => Ok(Self::Memory(create_model(NAME, Tv::default()))),
            Memory::Folder(folder) => {
                let opened = |error| Error::msg(format!("the state in {}: {error}", shown(folder)));
                let log = File::open(folder).map_err(|error| opened(error.to_string()))?;
                let tv = log.model(NAME, Tv::default()).await;
                Ok(Self::Logged(tv.map_err(|error| opened(error.to_string()))?))
            }
            #[cfg(feature = "nats")]
            Memory::Nats(url) => {
                let log = sprag_log::Nats::connect(url).stream("media_hub").await?;
                Ok(Self::Logged(log.model(NAME, Tv::default()).await?))
            }
        }
    }

    /// Makes the writes of `write` as one commit, and waits until the commit is stored.
    ///
    /// `write` may run several times: again if another hub was first.
    pub(crate) async fn write<U: Send + 'static>(
        &self,
        mut write: impl FnMut(&mut Transaction<'_, Tv>) -> U + Send + 'static,
    ) -> Result<U> {
        let mut write = move |tv: &mut Transaction<'_, Tv>| Ok::<_, Infallible>(write(tv));
        match self {
            Self::Memory(tv) => {
                let Ok(value) = tv.transaction(write);
                Ok(value)
            }
            Self::Logged(tv) => Ok(tv.transact(move |tv| write(tv)).await?),
        }
    }

    /// Waits until all writes are stored.
    pub(crate) async fn stop(&self) {
        if let Self::Logged(tv) = self {
            tv.stop().await;
        }
    }
}

impl std::ops::Deref for Screen {
    type Target = View<Tv>;

    fn deref(&self) -> &View<Tv> {
        match self {
            Self::Memory(tv) => tv,
            Self::Logged(tv) => tv,
        }
    }
}

impl Resource for Screen {
    fn release(&self) {
        match self {
            Self::Memory(tv) => tv.release(),
            Self::Logged(tv) => tv.release(),
        }
    }

    /// Whether the hub receives the writes of the other hubs, and can write itself.
    fn health_check(&self) -> Option<ResourceCheck> {
        match self {
            Self::Memory(tv) => tv.health_check(),
            Self::Logged(tv) => tv.health_check(),
        }
    }
}

impl Backing<Tv> for Screen {
    fn view(&self) -> &View<Tv> {
        self
    }

    fn incarnation(&self) -> Option<&str> {
        match self {
            Self::Memory(tv) => Backing::incarnation(tv),
            Self::Logged(tv) => Backing::incarnation(tv),
        }
    }

    fn is_current(&self) -> bool {
        match self {
            Self::Memory(tv) => Backing::is_current(tv),
            Self::Logged(tv) => Backing::is_current(tv),
        }
    }

    async fn apply_if<E, N, X>(
        &self,
        set: Changeset,
        now: N,
        next: X,
    ) -> Result<u64, BackingError<E>>
    where
        E: Send + 'static,
        N: Fn(&Tv) -> Result<(), E> + Send + 'static,
        X: Fn(&Tv) -> Result<(), E> + Send + 'static,
    {
        match self {
            Self::Memory(tv) => Backing::apply_if(tv, set, now, next).await,
            Self::Logged(tv) => Backing::apply_if(tv, set, now, next).await,
        }
    }
}
