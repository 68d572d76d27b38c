//! [`Source`]: where a request's instance of a store comes from.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;
use futures_util::future::BoxFuture;
use sprag_runtime::ToJsonState;
use sprag_runtime::path::State;

use crate::backing::Backing;
use crate::published::{Instance, Shown};

/// A store of one name: the same for everybody, or one for each key.
pub(crate) trait Source: Send + Sync {
    /// The store's name on the wire.
    fn name(&self) -> &str;

    /// The instance that the request is about.
    fn instance<'a>(
        self: Arc<Self>,
        parts: &'a mut Parts,
    ) -> BoxFuture<'a, Result<Arc<dyn Instance>, Response>>;
}

impl<T: State + ToJsonState + Clone + Send + Sync, B: Backing<T>> Source for Shown<T, B> {
    fn name(&self) -> &str {
        Self::name(self)
    }

    fn instance<'a>(
        self: Arc<Self>,
        _: &'a mut Parts,
    ) -> BoxFuture<'a, Result<Arc<dyn Instance>, Response>> {
        Box::pin(async { Ok(self as Arc<dyn Instance>) })
    }
}
