//! [`RequestRefusal`]: why a request was not served, as a status and as data.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::http::refused::RefusalKind;

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct RequestRefusal {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    /// The kind, for the client's program.
    pub(crate) err: &'static str,
    /// The reason, for people.
    pub(crate) why: Cow<'static, str>,
}

impl RequestRefusal {
    pub(crate) fn new(
        status: StatusCode,
        err: &'static str,
        why: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, err, why: why.into() }
    }

    /// The server is overloaded; the client should retry later.
    pub(crate) fn busy(why: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", why)
    }

    /// The user sends too much; the client should retry later.
    pub(crate) fn too_many(why: &'static str) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", why)
    }

    /// The request does not follow the protocol.
    pub(crate) fn malformed(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request", why)
    }

    /// The body exceeds the limit of a write.
    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "size", "a `POST` has at most 1 MiB")
    }

    /// The body did not arrive in time.
    pub(crate) fn late() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "late", "the body did not arrive in time")
    }

    /// The store does not exist, or the user does not see it; the user cannot distinguish
    /// the two.
    pub(crate) fn denied(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "denied", why)
    }

    /// The state cannot be written as JSON.
    pub(crate) fn unsent() -> Self {
        let why = "the state cannot be sent; the server's log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "state", why)
    }
}

impl IntoResponse for RequestRefusal {
    fn into_response(self) -> Response {
        let (status, kind) = (self.status, RefusalKind(self.err));
        let mut response = (status, Json(self)).into_response();
        response.extensions_mut().insert(kind);
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
