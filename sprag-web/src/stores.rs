//! [`Stores`]: the models that browsers see, behind one router.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::{get, post};
use sprag_runtime::ToJsonState;
use sprag_runtime::path::State;

use crate::http::doors::Doors;
use crate::http::refused::RefusalCounts;
use crate::http::session::Transport;
use crate::http::{assets, serve, show};
use crate::keyed::{PublishedBy, Seal};
use crate::live::open_streams::{Bounds, OpenStreams};
use crate::policy::Policy;
use crate::source::StoreSource;
use crate::to_store::ToStore;
use crate::writes::throttle::Throttle;

/// The stores of a server and the rules for its clients, as an axum router.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use sprag::prelude::*;
///
/// #[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
/// struct Tv {
///     url: Option<String>,
///     position: u64,
/// }
///
/// let tv = sprag_web::store("tv", Tv::default());
/// let stores = sprag_web::Stores::new().add(&tv);
/// let app: axum::Router = axum::Router::new().nest("/sprag", stores.router());
/// ```
#[derive(Clone)]
pub struct Stores {
    pub(crate) sources: BTreeMap<Arc<str>, Arc<dyn StoreSource>>,
    pub(crate) doors: Doors,
    pub(crate) transport: Transport,
    pub(crate) bounds: Bounds,
    /// The maximal number of writes per user and second.
    pub(crate) rate: u32,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) refused: Arc<RefusalCounts>,
    pub(crate) streams: Arc<OpenStreams>,
}

impl Stores {
    /// Creates a set without stores.
    pub fn new() -> Self {
        Self {
            sources: BTreeMap::new(),
            doors: Doors::default(),
            transport: Transport::default(),
            bounds: Bounds { in_all: 10_000, by_session: 64 },
            rate: 200,
            throttle: Arc::default(),
            refused: Arc::default(),
            streams: Arc::default(),
        }
    }

    /// Adds a store that every client of the router sees: a
    /// [`Published`](crate::Published), or a model itself, even one on a log.
    ///
    /// # Panics
    ///
    /// If there is a store of that name already, or this one was added before.
    #[expect(clippy::should_implement_trait, reason = "stores are not a sum")]
    pub fn add<S: ToStore>(self, store: &S) -> Self {
        self.add_with(store, Policy::new())
    }

    /// Adds a store with a policy: who sees it, who writes it.
    ///
    /// # Panics
    ///
    /// If there is a store of that name already, or this one was added before.
    pub fn add_with<S, E>(mut self, store: &S, policy: Policy<S::State, E>) -> Self
    where
        S: ToStore,
        E: Clone + Send + Sync + 'static,
    {
        let store = store.to_store();
        let is_new = store.0.set_policy(policy.sealed());
        assert!(is_new, "the store `{}` was added before", store.0.name());
        self.insert(Arc::clone(&store.0) as Arc<dyn StoreSource>);
        self
    }

    /// Adds a store that has an instance for each key. Every client sees the instance of
    /// the key in its request.
    ///
    /// # Panics
    ///
    /// If there is a store of that name already, or this one was added before.
    pub fn add_by<K, T>(self, store: &PublishedBy<K, T>) -> Self
    where
        K: FromRequestParts<()> + Hash + Eq + Clone + Send + Sync + 'static,
        T: State + ToJsonState + Clone + Send + Sync,
    {
        self.add_by_with(store, Policy::new())
    }

    /// Adds a store that has an instance for each key, with a policy.
    ///
    /// # Panics
    ///
    /// If there is a store of that name already, or this one was added before.
    pub fn add_by_with<K, T, S>(mut self, store: &PublishedBy<K, T>, policy: Policy<T, S>) -> Self
    where
        K: FromRequestParts<S> + Hash + Eq + Clone + Send + Sync + 'static,
        T: State + ToJsonState + Clone + Send + Sync,
        S: Clone + Send + Sync + 'static,
    {
        let extract = policy.extractor::<K>();
        let is_new = store.0.seal(Seal { extract, policy: Arc::new(policy.sealed()) });
        assert!(is_new, "the store was added before");
        self.insert(Arc::clone(&store.0) as Arc<dyn StoreSource>);
        self
    }

    fn insert(&mut self, source: Arc<dyn StoreSource>) {
        let name: Arc<str> = source.name().into();
        let before = self.sources.insert(Arc::clone(&name), source);
        assert!(before.is_none(), "there is already a store `{name}`");
    }

    /// Accepts requests whose `Host` has this name, besides addresses and the names of the
    /// local network.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.doors.hosts.push(name.into());
        self
    }

    /// Allows pages of this origin, such as `https://app.example`, to write, besides this
    /// server's own pages.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.doors.origins.push(origin.into());
        self
    }

    /// Sends the session's cookie over https alone: `__Host-sprag`, `Secure`.
    pub fn https_only(mut self) -> Self {
        self.transport = Transport::Https;
        self
    }

    /// Sets how many streams may be open in total. The default is 10,000. A further one
    /// gets 503.
    pub fn max_streams(mut self, count: usize) -> Self {
        self.bounds.in_all = count;
        self
    }

    /// Sets how many streams of one session may be open. The default is 64. A further one
    /// gets 429.
    pub fn max_streams_by_session(mut self, count: usize) -> Self {
        self.bounds.by_session = count;
        self
    }

    /// Sets how many writes per second one session may make. The default is 200. Five times
    /// as many can come at once; further ones get 429. A page without a session counts
    /// alone.
    pub fn max_writes_per_second(mut self, count: u32) -> Self {
        self.rate = count;
        self
    }

    /// Returns the router. Nest it at `/sprag`, where the client expects it.
    ///
    /// | route | |
    /// |---|---|
    /// | `GET /live?s=tv` | the stream of server-sent events |
    /// | `POST /store/tv` | writes |
    /// | `GET /client.js`, `GET /worker.js` | the client, for pages without a build |
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        for source in self.sources.values() {
            source.doors().get_or_init(|| self.doors.clone());
        }
        Router::new()
            .route("/live", get(serve::live).post(show::show))
            .route("/store/{name}", post(serve::write))
            .route("/{script}", get(assets::script))
            .with_state(Arc::new(self.clone()))
    }

    /// Ends the streams of a user whose rights have changed; returns their number.
    ///
    /// `U` is the type that [`Policy::visible`] extracts, or the key of a
    /// [`store_by`](crate::store_by). The browser reopens the stream,
    /// which checks the new rights.
    pub fn revoke<U: PartialEq + Any>(&self, user: &U) -> usize {
        self.revoke_where(|found: &U| found == user)
    }

    /// Ends the streams of all users that `is` selects; returns their number.
    pub fn revoke_where<U: Any>(&self, is: impl Fn(&U) -> bool) -> usize {
        self.streams.end_where(|user| user.downcast_ref::<U>().is_some_and(&is))
    }

    /// Ends all streams, and refuses later requests with 503, so that streams do not delay
    /// a graceful shutdown. Browsers wait for the next start.
    pub fn stop(&self) {
        self.streams.stop();
    }

    /// How many requests and writes were refused so far, by kind: `host`, `origin`, `type`,
    /// `size`, `busy`, `denied`, `readonly`, `place`, `invalid`, `conflict` and the like.
    pub fn refused(&self) -> BTreeMap<&'static str, u64> {
        self.refused.counts()
    }

    /// The number of open streams.
    pub fn streams(&self) -> usize {
        self.streams.count()
    }
}

impl Default for Stores {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores")
            .field("names", &self.sources.keys())
            .field("streams", &self.streams())
            .finish_non_exhaustive()
    }
}
