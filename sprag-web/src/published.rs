//! [`Published`]: a state that browsers see.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use axum::http::request::Parts;
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::value::{RawValue, to_raw_value};
use sprag_runtime::__private::isolated;
use sprag_runtime::path::{Schema, State};
use sprag_runtime::{Changes, Model, ToJsonState, create_model};
use tokio::task::JoinHandle;

use crate::backing::Backing;
use crate::http::doors::Doors;
use crate::http::refusal::RequestRefusal;
use crate::live::hiding::pruned;
use crate::live::hub::Hub;
use crate::live::shown_places::ShownPlaces;
use crate::live::shown_state::{Unclear, shown_state};
use crate::policy::{AnyUser, Policy};
use crate::writes::request::{WriteRequest, Writes};

/// Creates a model that browsers see once it is [added](crate::Stores::add).
///
/// # Panics
///
/// If the type has `never` places and a manual `Serialize` that writes the state in another
/// form than the derived one, since the hidden parts cannot be found then. If a later state
/// has such a form, no byte of it is sent.
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
/// tv.set(Tv::PATHS.position, 7); // a model like others
/// let stores = sprag_web::Stores::new().add(&tv);
/// ```
pub fn store<T>(name: impl Into<Arc<str>>, state: T) -> Published<T>
where
    T: State + ToJsonState + Clone + Send + Sync,
{
    Published::of(create_model(name, state))
}

/// Creates a store, which browsers know as `name`, from an existing state.
///
/// Call this once for each state and process, since the store keeps track of the pages that
/// write.
///
/// # Panics
///
/// The same as for [`store`].
///
/// ```
/// use sprag::prelude::*;
///
/// let volume = create_model("the kitchen's volume", 3_u64);
/// let store = sprag_web::store_over("volume", volume.clone());
/// volume.replace(7);
/// assert_eq!(*store.snapshot(), 7);
/// ```
pub fn store_over<T, B>(name: impl Into<Arc<str>>, backing: B) -> Published<T, B>
where
    T: State + ToJsonState + Clone + Send + Sync,
    B: Backing<T>,
{
    Published::new(name.into(), backing)
}

/// A state that browsers see, as created by [`store`] and [`store_over`].
///
/// Dereferences to its [`Backing`], by default a [`Model`]. Cloning is cheap and returns
/// another handle of the same state.
pub struct Published<T: 'static, B = Model<T>>(pub(crate) Arc<ShownModel<T, B>>);

/// A state, and the parts that connections need.
pub(crate) struct ShownModel<T: 'static, B = Model<T>> {
    name: Arc<str>,
    backing: Arc<B>,
    hub: Arc<Hub>,
    /// The task that sends the commits, once the store has followers.
    follower: Mutex<Option<JoinHandle<()>>>,
    policy: OnceLock<Arc<Policy<T>>>,
    /// Set by the router.
    pub(crate) doors: OnceLock<Doors>,
}

impl<T: State + ToJsonState + Clone + Send + Sync> Published<T> {
    /// Makes an existing model visible to browsers, under the model's name.
    ///
    /// Call this once for each model, since the store keeps track of the pages that write.
    pub fn of(model: Model<T>) -> Self {
        Self::new(model.name().into(), model)
    }
}

impl<T: State + ToJsonState + Clone + Send + Sync, B: Backing<T>> Published<T, B> {
    fn new(name: Arc<str>, backing: B) -> Self {
        check::<T>(&name, &backing.view().snapshot());
        let hub = Arc::new(Hub::new(&name, Schema::of::<T>(), backing.incarnation()));
        Self(Arc::new(ShownModel {
            name,
            backing: Arc::new(backing),
            hub,
            follower: Mutex::default(),
            policy: OnceLock::new(),
            doors: OnceLock::new(),
        }))
    }

    /// Sets about how many bytes of commits are kept for pages that reconnect. The default
    /// is 1 MiB. A page that has missed more gets the whole state.
    pub fn keep(self, bytes: usize) -> Self {
        self.0.hub.root().keep(bytes);
        self
    }
}

impl<T, B> Deref for Published<T, B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.0.backing
    }
}

impl<T, B> Clone for Published<T, B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T, B> fmt::Debug for Published<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Published").field("epoch", &self.0.hub.epoch()).finish_non_exhaustive()
    }
}

/// One instance of a store, independent of its type.
pub(crate) trait StoreInstance: Send + Sync {
    /// The hub, which follows the model from the first call on. Must be called in a
    /// runtime.
    fn hub(&self) -> &Arc<Hub>;

    /// The version of the state.
    fn version(&self) -> u64;

    /// Whether the state has every write that other processes have made, as far as this one
    /// knows.
    fn is_current(&self) -> bool;

    /// The whole state as JSON, with its version.
    fn state(&self) -> Result<(u64, Box<RawValue>), RequestRefusal>;

    /// The state at `places`, with its version.
    fn state_at(&self, places: &ShownPlaces) -> Result<(u64, Box<RawValue>), RequestRefusal>;

    /// Whether the request determines who sees the store.
    fn looks_at_requests(&self) -> bool;

    /// The request's user, if the user sees the store.
    fn visible<'a>(
        &'a self,
        parts: &'a mut Parts,
    ) -> BoxFuture<'a, Result<Option<AnyUser>, Response>>;

    /// Creates the writer for the request's user.
    fn writes<'a>(
        &'a self,
        parts: &'a mut Parts,
    ) -> BoxFuture<'a, Result<Box<dyn Writes>, Response>>;
}

impl<T: State + ToJsonState + Clone + Send + Sync, B: Backing<T>> ShownModel<T, B> {
    /// The state as `write` makes JSON of it, with its version.
    fn written(
        &self,
        write: impl FnOnce(&T) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<(u64, Box<RawValue>), RequestRefusal> {
        let (version, state) = self.backing.view().versioned();
        let json = caught(|| write(&state).map_err(|error| error.to_string()));
        json.map(|json| (version, json)).map_err(|error| {
            tracing::error!(store = &*self.name, %error, "the state cannot be sent");
            RequestRefusal::unsent()
        })
    }

    /// Ends the streams that follow the store.
    pub(crate) fn end(&self) {
        if let Some(follower) = self.follower.lock().take() {
            follower.abort();
        }
        self.hub.end();
    }

    /// The store's name on the wire.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Sets who sees and writes the store; `false` if that was set before.
    pub(crate) fn set_policy(&self, policy: Policy<T>) -> bool {
        self.policy.set(Arc::new(policy)).is_ok()
    }

    /// Sets the policy that all instances of a store share.
    pub(crate) fn share_policy(&self, policy: &Arc<Policy<T>>) {
        // If a policy is set already, it is the same one.
        let _ = self.policy.set(Arc::clone(policy));
    }

    fn policy(&self) -> &Arc<Policy<T>> {
        self.policy.get_or_init(Arc::default)
    }
}

impl<T: State + ToJsonState + Clone + Send + Sync, B: Backing<T>> StoreInstance
    for ShownModel<T, B>
{
    fn hub(&self) -> &Arc<Hub> {
        let mut follower = self.follower.lock();
        // The runtime of an earlier call may have ended, and its tasks with it.
        if follower.as_ref().is_none_or(JoinHandle::is_finished) {
            let view = self.backing.view();
            let changes = view.changes();
            self.hub.begin(view.version());
            *follower = Some(tokio::spawn(follow(changes, Arc::clone(&self.hub))));
        }
        &self.hub
    }

    fn version(&self) -> u64 {
        self.backing.view().version()
    }

    fn is_current(&self) -> bool {
        self.backing.is_current()
    }

    fn state(&self) -> Result<(u64, Box<RawValue>), RequestRefusal> {
        self.written(shown)
    }

    fn state_at(&self, places: &ShownPlaces) -> Result<(u64, Box<RawValue>), RequestRefusal> {
        self.written(|state| match shown_state(state, places) {
            Ok(json) => Ok(json),
            Err(Unclear) => places.projected(&shown(state)?),
        })
    }

    fn looks_at_requests(&self) -> bool {
        self.policy().looks_at_requests()
    }

    fn visible<'a>(
        &'a self,
        parts: &'a mut Parts,
    ) -> BoxFuture<'a, Result<Option<AnyUser>, Response>> {
        self.policy().visible_to(parts)
    }

    fn writes<'a>(
        &'a self,
        parts: &'a mut Parts,
    ) -> BoxFuture<'a, Result<Box<dyn Writes>, Response>> {
        let policy = Arc::clone(self.policy());
        Box::pin(async move {
            let check = policy.check(parts).await?;
            let writing = WriteRequest {
                name: Arc::clone(&self.name),
                backing: Arc::clone(&self.backing),
                policy,
                check,
            };
            Ok(Box::new(writing) as Box<dyn Writes>)
        })
    }
}

/// Sends each commit to the hub, until the model ends.
async fn follow<T: State + Clone + Send + Sync>(mut changes: Changes<T>, hub: Arc<Hub>) {
    while let Some(next) = changes.next().await {
        // Lost commits appear as a gap.
        if let Ok(commit) = next {
            let (version, hub) = (commit.version(), &hub);
            let publish = move || hub.publish(&commit.changeset());
            if isolated(&"the code of a value in a commit", publish).is_none() {
                hub.begin(version);
            }
        }
        tokio::task::consume_budget().await;
    }
    hub.end();
}

/// Panics if a state with `never` places is not written as its type declares.
fn check<T: State + ToJsonState>(name: &str, state: &T) {
    let schema = Schema::of::<T>();
    if schema.hides()
        && let Ok(json) = to_raw_value(state)
        && let Err(error) = pruned(schema, json.get())
    {
        panic!("the store `{name}` cannot hide its `never` places: {error}");
    }
}

/// The state as JSON, without the places that browsers never see.
fn shown<T: State + ToJsonState>(state: &T) -> serde_json::Result<Box<RawValue>> {
    let (json, schema) = (to_raw_value(state)?, Schema::of::<T>());
    if schema.hides() { RawValue::from_string(pruned(schema, json.get())?) } else { Ok(json) }
}

/// Calls the user's `Serialize`, and returns its panic as an error.
fn caught<R>(f: impl FnOnce() -> Result<R, String>) -> Result<R, String> {
    let outcome = isolated(&"a `Serialize`", f);
    outcome.unwrap_or_else(|| Err("`Serialize` panicked".to_owned()))
}
