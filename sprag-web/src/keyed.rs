//! [`PublishedBy`]: a store that has an instance for each key.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use axum::http::request::Parts;
use axum::response::Response;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use sprag_runtime::path::State;
use sprag_runtime::{ToJsonState, create_model};
use tokio::time::{Instant, sleep};

use crate::http::doors::Doors;
use crate::policy::{Extract, Policy};
use crate::published::{Published, ShownModel};
use crate::source::{FoundInstance, StoreSource};

/// The default for how long an unused instance is kept.
const IDLE: Duration = Duration::from_secs(900);

/// Creates a store that has a state for each key: a cart for each user, or a chat for each
/// room.
///
/// An axum extractor obtains the key from a request. Take the key from a source that the
/// browser cannot choose: the session, and not the query. `make` creates the state of a key
/// at its first use, and runs outside of every lock.
///
/// ```
/// use axum::extract::FromRequestParts;
/// use axum::http::{StatusCode, request::Parts};
/// use serde::{Deserialize, Serialize};
/// use sprag::prelude::*;
///
/// #[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
/// struct Cart {
///     items: Vec<String>,
/// }
///
/// #[derive(Clone, PartialEq, Eq, Hash)]
/// struct UserId(u64);
///
/// impl<S: Sync> FromRequestParts<S> for UserId {
///     type Rejection = StatusCode;
///
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
///         // The application's own session layer has put it there.
///         parts.extensions.get::<Self>().cloned().ok_or(StatusCode::UNAUTHORIZED)
///     }
/// }
///
/// let carts = sprag_web::store_by("cart", |_: &UserId| Cart::default());
/// carts.get(&UserId(7)).push(Cart::PATHS.items, "tea".into());
/// let stores = sprag_web::Stores::new().add_by(&carts);
/// assert_eq!(carts.instances(), 1);
/// ```
pub fn store_by<K, T>(
    name: impl Into<Arc<str>>,
    make: impl Fn(&K) -> T + Send + Sync + 'static,
) -> PublishedBy<K, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: State + ToJsonState + Clone + Send + Sync,
{
    PublishedBy(Arc::new(ByKey {
        name: name.into(),
        make: Box::new(make),
        idle: Mutex::new(IDLE),
        seal: OnceLock::new(),
        doors: OnceLock::new(),
        instances: Mutex::default(),
        sweeper: OnceLock::new(),
    }))
}

/// A store with an instance for each key, as [`store_by`] creates it.
///
/// Cloning is cheap and returns another handle of the same instances.
pub struct PublishedBy<K, T: 'static>(pub(crate) Arc<ByKey<K, T>>);

/// The instances of a store.
pub(crate) struct ByKey<K, T: 'static> {
    name: Arc<str>,
    make: Box<dyn Fn(&K) -> T + Send + Sync>,
    idle: Mutex<Duration>,
    /// Set when the store is added.
    seal: OnceLock<Seal<K, T>>,
    /// Set by the router.
    doors: OnceLock<Doors>,
    instances: Mutex<HashMap<K, KeptInstance<T>>>,
    /// Set once the task runs that drops unused instances.
    sweeper: OnceLock<()>,
}

/// Selects the instance of a request, and its users' rights.
pub(crate) struct Seal<K, T: 'static> {
    pub(crate) extract: Box<Extract<K>>,
    pub(crate) policy: Arc<Policy<T>>,
}

struct KeptInstance<T: 'static> {
    shown: Arc<ShownModel<T>>,
    used: Instant,
}

impl<K, T> PublishedBy<K, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: State + ToJsonState + Clone + Send + Sync,
{
    /// Sets how long an instance is kept that no page follows and of which no [`Published`]
    /// is held. The default is 15 minutes. After that, the next use of its key creates a
    /// new instance, and pages begin with its state.
    pub fn idle(self, time: Duration) -> Self {
        *self.0.idle.lock() = time;
        self
    }

    /// The instance of `key`, created if necessary.
    pub fn get(&self, key: &K) -> Published<T> {
        Published(self.0.of(key))
    }

    /// How many instances exist.
    pub fn instances(&self) -> usize {
        self.0.instances.lock().len()
    }
}

impl<K, T> ByKey<K, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: State + ToJsonState + Clone + Send + Sync,
{
    /// Sets the key and the rights of the store; `false` if they were set before.
    pub(crate) fn seal(&self, seal: Seal<K, T>) -> bool {
        for kept in self.instances.lock().values() {
            kept.shown.share_policy(&seal.policy);
        }
        self.seal.set(seal).is_ok()
    }

    fn of(&self, key: &K) -> Arc<ShownModel<T>> {
        if let Some(kept) = self.instances.lock().get_mut(key) {
            kept.used = Instant::now();
            return Arc::clone(&kept.shown);
        }
        // Users' code, outside of the lock.
        let made = Published::of(create_model(Arc::clone(&self.name), (self.make)(key))).0;
        if let Some(seal) = self.seal.get() {
            made.share_policy(&seal.policy);
        }
        let kept = KeptInstance { shown: made, used: Instant::now() };
        let mut instances = self.instances.lock();
        Arc::clone(&instances.entry(key.clone()).or_insert(kept).shown)
    }

    /// Removes and returns all instances.
    pub(crate) fn take_all(&self) -> Vec<Arc<ShownModel<T>>> {
        let instances = std::mem::take(&mut *self.instances.lock());
        instances.into_values().map(|kept| kept.shown).collect()
    }

    /// Drops the instances that were not used for long.
    fn sweep(&self) {
        let (idle, now) = (*self.idle.lock(), Instant::now());
        let mut dropped = Vec::new();
        self.instances.lock().retain(|_, kept| {
            if Arc::strong_count(&kept.shown) > 1 {
                kept.used = now;
            }
            let stays = now.duration_since(kept.used) < idle;
            if !stays {
                // Dropped outside of the lock, since the state is users' code.
                dropped.push(Arc::clone(&kept.shown));
            }
            stays
        });
    }

    /// Starts the task that sweeps, in the runtime of the first request.
    fn start_sweeper(self: &Arc<Self>) {
        self.sweeper.get_or_init(|| {
            tokio::spawn(sweeping(Arc::downgrade(self)));
        });
    }
}

/// Sweeps until the store is dropped.
async fn sweeping<K, T>(store: Weak<ByKey<K, T>>)
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: State + ToJsonState + Clone + Send + Sync,
{
    while let Some(idle) = store.upgrade().map(|store| *store.idle.lock()) {
        sleep((idle / 4).clamp(Duration::from_millis(10), Duration::from_secs(60))).await;
        if let Some(store) = store.upgrade() {
            store.sweep();
        }
    }
}

impl<K, T> StoreSource for ByKey<K, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: State + ToJsonState + Clone + Send + Sync,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn doors(&self) -> &OnceLock<Doors> {
        &self.doors
    }

    fn instance<'a>(
        self: Arc<Self>,
        parts: &'a mut Parts,
    ) -> BoxFuture<'a, Result<FoundInstance, Response>> {
        Box::pin(async move {
            self.start_sweeper();
            let seal = self.seal.get().expect("a store that is served was added");
            let key = (seal.extract)(parts).await?;
            Ok(FoundInstance { instance: self.of(&key), key: Some(Arc::new(key)) })
        })
    }
}

impl<K, T> Clone for PublishedBy<K, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, T> fmt::Debug for PublishedBy<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublishedBy").field("name", &self.0.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde::{Deserialize, Serialize};
    use sprag::prelude::*;

    use super::store_by;

    #[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
    struct Cart {
        items: u8,
    }

    #[tokio::test(start_paused = true)]
    async fn w7_an_instance_ends_once_its_time_is_over() {
        let carts = store_by("cart", |_: &u8| Cart::default()).idle(Duration::from_secs(8));
        let held = carts.get(&1);
        carts.get(&2);
        tokio::time::advance(Duration::from_secs(7)).await;
        carts.0.sweep();
        assert_eq!(carts.instances(), 2);
        tokio::time::advance(Duration::from_secs(1)).await;
        carts.0.sweep();
        assert_eq!(carts.instances(), 1, "eight seconds without a use");
        drop(held);
        tokio::time::advance(Duration::from_secs(7)).await;
        carts.0.sweep();
        assert_eq!(carts.instances(), 1, "the time begins when nobody holds the instance");
    }

    #[tokio::test(start_paused = true)]
    async fn w7_10_000_keys_are_forgotten_once_nobody_uses_them() {
        let carts = store_by("cart", |_: &u32| Cart::default()).idle(Duration::from_secs(8));
        for key in 0..10_000 {
            carts.get(&key);
        }
        let held = carts.get(&7);
        assert_eq!(carts.instances(), 10_000);
        carts.0.start_sweeper();
        tokio::time::sleep(Duration::from_secs(12)).await;
        assert_eq!(carts.instances(), 1, "the sweeper runs by itself");
        drop(held);
    }
}
