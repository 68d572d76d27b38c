//! The files of the page, which are part of the program.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::Response;
use axum::routing::get;

/// The page, with a comment in the place of its state.
pub(crate) const PAGE: &str = include_str!("../page/index.html");

const FILES: [(&str, &str, &str); 7] = [
    ("/style.css", "text/css", include_str!("../page/style.css")),
    ("/icon.svg", "image/svg+xml", include_str!("../page/icon.svg")),
    ("/hub.js", SCRIPT, include_str!("../page/hub.js")),
    ("/player.js", SCRIPT, include_str!("../page/player.js")),
    ("/library.js", SCRIPT, include_str!("../page/library.js")),
    ("/side.js", SCRIPT, include_str!("../page/side.js")),
    ("/parts.js", SCRIPT, include_str!("../page/parts.js")),
];
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The routes of the style and the scripts.
pub(crate) fn files<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.into_iter().fold(Router::new(), |routes, (path, kind, text)| {
        routes.route(path, get(move || async move { ([(CONTENT_TYPE, kind)], text) }))
    })
}

/// Adds the headers of every response: the page runs its own scripts and no others, and a
/// browser revalidates the files that it keeps, since the next version of the hub has other
/// files.
pub(crate) async fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; \
                  img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                  frame-ancestors 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}
