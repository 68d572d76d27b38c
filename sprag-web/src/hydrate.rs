//! [`Live`]: stores in a page that the server renders.

use std::convert::Infallible;
use std::hash::Hash;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sprag_runtime::ToJsonState;
use sprag_runtime::path::{Address, State};

use crate::backing::Backing;
use crate::keyed::PublishedBy;
use crate::live::frames::{SnapshotFrame, data_of};
use crate::live::shown_places::ShownPlaces;
use crate::published::Published;
use crate::source::{FoundInstance, StoreSource};

/// An extractor for a page's request, which writes stores into the page.
///
/// ```
/// use axum::response::Html;
/// use serde::{Deserialize, Serialize};
/// use sprag::prelude::*;
/// use sprag_web::{Live, Published};
///
/// #[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
/// struct Tv {
///     url: Option<String>,
///     position: u64,
/// }
///
/// async fn page(live: Live, tv: Published<Tv>) -> Html<String> {
///     let state = live.hydrate(&[&tv]).await;
///     Html(format!("<script type=module src=/sprag/client.js></script>{state}"))
/// }
/// ```
#[derive(Debug)]
pub struct Live {
    parts: Parts,
}

/// A store that a page can be hydrated with.
pub trait Hydrate: Sync {
    /// The store, on the server.
    #[doc(hidden)]
    fn __source(&self) -> Hydrated;
}

/// The private content of [`Hydrate`].
#[doc(hidden)]
pub struct Hydrated {
    source: Arc<dyn StoreSource>,
    /// `None` for the whole state.
    places: Option<Vec<Address>>,
}

impl Hydrated {
    fn whole(source: Arc<dyn StoreSource>) -> Self {
        Self { source, places: None }
    }

    pub(crate) fn places(source: Arc<dyn StoreSource>, places: Vec<Address>) -> Self {
        Self { source, places: Some(places) }
    }
}

impl std::fmt::Debug for Hydrated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Hydrated").field(&self.source.name()).finish()
    }
}

impl<T: State + ToJsonState + Clone + Send + Sync, B: Backing<T>> Hydrate for Published<T, B> {
    fn __source(&self) -> Hydrated {
        Hydrated::whole(Arc::clone(&self.0) as Arc<dyn StoreSource>)
    }
}

impl<K, T> Hydrate for PublishedBy<K, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: State + ToJsonState + Clone + Send + Sync,
{
    fn __source(&self) -> Hydrated {
        Hydrated::whole(Arc::clone(&self.0) as Arc<dyn StoreSource>)
    }
}

impl Live {
    /// Returns the states of `stores` with their versions, as an element for the page's
    /// HTML, to be placed before its scripts.
    ///
    /// The element is `<script type="application/json">`, which the browser does not run
    /// and every content security policy allows. A store that the request's user does not
    /// see is left out. All stores are left out if `Host` is not a name that
    /// [`Stores`](crate::Stores) accepts.
    pub async fn hydrate(&self, stores: &[&dyn Hydrate]) -> String {
        let mut parts = self.parts.clone();
        let mut states = Vec::with_capacity(stores.len());
        for store in stores {
            states.extend(state(store.__source(), &mut parts).await);
        }
        let json = format!("[{}]", states.join(","));
        // HTML parsers search for `</script` and `<!--` alone.
        let inert = json.replace('<', "\\u003c");
        format!("<script type=\"application/json\" data-sprag-state>{inert}</script>")
    }
}

/// The state of one store as JSON, if the request's user sees the store and the places
/// exist. A page can be read by a site whose name points here (DNS rebinding), as the
/// stream can.
async fn state(hydrated: Hydrated, parts: &mut Parts) -> Option<String> {
    let Hydrated { source, places } = hydrated;
    // Without a router the state is for the local network.
    let doors = source.doors().get().cloned().unwrap_or_default();
    doors.check_host(parts).ok()?;
    let name = source.name().to_owned();
    let FoundInstance { instance, .. } = source.instance(parts).await.ok()?;
    instance.visible(parts).await.ok()??;
    let hub = Arc::clone(instance.hub());
    let Some(at) = places else {
        let (_, frame) = hub.root().snapshot(0, || instance.state()).await.ok()?;
        return String::from_utf8(data_of(&frame).to_vec()).ok();
    };
    let (v, state) = instance.state_at(&ShownPlaces::of(hub.schema(), &at).ok()?).ok()?;
    let snapshot =
        SnapshotFrame { s: &name, e: hub.epoch(), v, at: Some(&at), k: None, state: Some(&state) };
    serde_json::to_string(&snapshot).ok()
}

impl<S: Sync> FromRequestParts<S> for Live {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { parts: parts.clone() })
    }
}
