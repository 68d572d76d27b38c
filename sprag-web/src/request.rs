//! [`detached`]: a request that outlives the bytes that it came in.

use axum::http::HeaderValue;
use axum::http::request::Parts;

/// A copy of a request, for as long as its stream.
///
/// The values of the request are parts of the buffer that hyper has read it into. A clone
/// keeps that buffer, and hyper then allocates another one for the connection: 8 kB.
pub(crate) fn detached(parts: &Parts) -> Parts {
    let mut own = parts.clone();
    own.headers = parts.headers.iter().map(|(name, value)| (name.clone(), copied(value))).collect();
    if let Ok(uri) = parts.uri.to_string().parse() {
        own.uri = uri;
    }
    own
}

fn copied(value: &HeaderValue) -> HeaderValue {
    let mut own = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
    own.set_sensitive(value.is_sensitive());
    own
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use axum::http::{HeaderMap, Request};

    use super::*;

    #[test]
    fn w9_a_detached_request_is_equal_and_has_bytes_of_its_own() {
        let mut secret = HeaderValue::from_bytes(b"sprag=1").expect("it is a value");
        secret.set_sensitive(true);
        let request = Request::get("/sprag/live?s=tv").header(COOKIE, secret);
        let request = request.header("x-user", "a").header("x-user", "b").body(()).unwrap();
        let (parts, ()) = request.into_parts();
        let own = detached(&parts);
        assert_eq!((&own.headers, &own.uri), (&parts.headers, &parts.uri));
        let bytes = |headers: &HeaderMap| headers[COOKIE].as_bytes().as_ptr();
        assert_ne!(bytes(&own.headers), bytes(&parts.headers));
        assert!(own.headers[COOKIE].is_sensitive());
    }
}
