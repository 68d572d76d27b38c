//! [`StoreSource`]: finds a request's instance of a store.

use std::sync::{Arc, OnceLock};

use axum::http::request::Parts;
use axum::response::Response;
use futures_util::future::BoxFuture;
use sprag_runtime::ToJsonState;
use sprag_runtime::path::State;

use crate::backing::Backing;
use crate::http::doors::Doors;
use crate::policy::AnyUser;
use crate::published::{ShownModel, StoreInstance};

/// A request's instance of a store.
pub(crate) struct FoundInstance {
    pub(crate) instance: Arc<dyn StoreInstance>,
    /// The key that the request has; `None` if the store has one instance for all.
    pub(crate) key: Option<AnyUser>,
}

/// A store of one name, with one instance for all users or one for each key.
pub(crate) trait StoreSource: Send + Sync {
    /// The store's name on the wire.
    fn name(&self) -> &str;

    /// The rules for requests of pages; set by the router.
    fn doors(&self) -> &OnceLock<Doors>;

    /// The instance that the request refers to.
    fn instance<'a>(
        self: Arc<Self>,
        parts: &'a mut Parts,
    ) -> BoxFuture<'a, Result<FoundInstance, Response>>;
}

impl<T: State + ToJsonState + Clone + Send + Sync, B: Backing<T>> StoreSource for ShownModel<T, B> {
    fn name(&self) -> &str {
        Self::name(self)
    }

    fn doors(&self) -> &OnceLock<Doors> {
        &self.doors
    }

    fn instance<'a>(
        self: Arc<Self>,
        _: &'a mut Parts,
    ) -> BoxFuture<'a, Result<FoundInstance, Response>> {
        Box::pin(async { Ok(FoundInstance { instance: self, key: None }) })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Stores, store};

    #[test]
    fn w8_the_router_sets_the_rules_for_requests_of_a_store() {
        let rooms = store("rooms", BTreeMap::<String, u8>::new());
        assert!(rooms.0.doors().get().is_none());
        let _router = Stores::new().add(&rooms).router::<()>();
        assert!(rooms.0.doors().get().is_some());
    }
}
