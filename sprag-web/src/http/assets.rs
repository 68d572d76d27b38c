//! The client's scripts, for pages without a build: `client.js` and `worker.js`.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::Path;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

const CLIENT: &[u8] = include_bytes!("../../client/dist/client.js");
const WORKER: &[u8] = include_bytes!("../../client/dist/worker.js");

/// `GET /client.js` and `GET /worker.js`: one route, since axum copies the table of the routes
/// for each connection.
pub(crate) async fn script(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match name.as_str() {
        "client.js" => file(CLIENT, &headers),
        "worker.js" => file(WORKER, &headers),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The file, or a 304 if the browser's copy is current. Browsers revalidate each time, so
/// that no page runs with the client of an older server.
fn file(bytes: &'static [u8], headers: &HeaderMap) -> Response {
    let tag = tag(bytes);
    let caching = [
        (ETAG, tag.clone()),
        (CACHE_CONTROL, "no-cache".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let known = headers.get(IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known.is_some_and(|known| known.contains(&tag)) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(CONTENT_TYPE, "text/javascript; charset=utf-8")], bytes).into_response()
}

fn tag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}
