//! W2, W3, W7, W12: the stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sprag_web::{Live, Published, Stores, store};

use crate::support::{Server, Tv, open};

/// A server with one store, and the store.
async fn serve() -> (Server, Published<Tv>) {
    let tv = store("tv", Tv::default());
    (Server::start(Stores::new().add(&tv)).await, tv)
}

#[tokio::test]
async fn w2_every_commit_comes_whole_and_in_order() {
    let (server, tv) = serve().await;
    let mut events = server.stream("s=tv").await;
    let snap = events.expect("snap").await;
    assert_eq!((&snap["s"], &snap["v"]), (&json!("tv"), &json!(0)));
    assert_eq!(snap["state"], json!({ "url": null, "volume": 0, "queue": [] }));
    tv.set(Tv::PATHS.volume, 7);
    tv.transaction(|tx| {
        tx.set(Tv::PATHS.url, Some("/b".into()));
        tx.push(Tv::PATHS.queue, "a".into());
        Ok::<_, ()>(())
    })
    .unwrap();
    let first = events.expect("change").await;
    let ops = json!([["=", ["volume"], 7]]);
    assert_eq!(first, json!({ "s": "tv", "from": 0, "to": 1, "ops": ops }));
    let second = events.expect("change").await;
    assert_eq!((&second["from"], &second["to"]), (&json!(1), &json!(2)));
    assert_eq!(second["ops"], json!([["=", ["url"], "/b"], ["+", ["queue", 0], "a"]]));
}

#[tokio::test]
async fn w7_a_page_that_comes_back_gets_what_it_missed() {
    let (server, tv) = serve().await;
    let epoch = epoch(&server).await;
    for volume in 1..=5 {
        tv.set(Tv::PATHS.volume, volume);
    }
    let mut events = server.stream(&format!("s=tv@{epoch}.3")).await;
    let from = |change: Value| change["from"].clone();
    assert_eq!(from(events.expect("change").await), 3);
    assert_eq!(from(events.expect("change").await), 4);
}

#[tokio::test]
async fn w7_a_page_of_another_epoch_or_of_no_version_that_was_gets_the_state() {
    let (server, tv) = serve().await;
    let epoch = epoch(&server).await;
    tv.set(Tv::PATHS.volume, 1);
    for position in ["other.1".to_owned(), format!("{epoch}.9")] {
        let mut events = server.stream(&format!("s=tv@{position}")).await;
        let snap = events.expect("snap").await;
        assert_eq!((&snap["e"], &snap["v"]), (&json!(epoch), &json!(1)), "{position}");
    }
}

#[tokio::test]
async fn w7_a_page_that_missed_more_than_is_kept_gets_the_state() {
    let (server, tv) = serve().await;
    let epoch = epoch(&server).await;
    let large = "x".repeat(64 * 1024);
    for number in 0..40 {
        tv.set(Tv::PATHS.url, Some(format!("{large}{number}")));
    }
    let mut first = server.stream(&format!("s=tv@{epoch}.0")).await;
    while let (_, data) = first.next().await.unwrap()
        && data["to"] != 40
        && data["v"] != 40
    {}
    let mut events = server.stream(&format!("s=tv@{epoch}.1")).await;
    assert_eq!(events.expect("snap").await["v"], 40);
}

#[tokio::test]
async fn w7_a_store_that_is_refused_is_an_event_and_the_others_go_on() {
    let (server, _tv) = serve().await;
    let mut events = server.stream("s=tv&s=nothing").await;
    let denied = events.expect("denied").await;
    assert_eq!(denied, json!({ "s": "nothing", "why": "there is no such store" }));
    events.expect("snap").await;
    assert_eq!(server.get("/sprag/live?s=nothing").await.status(), 403);
}

#[tokio::test]
async fn w12_a_stop_ends_the_streams_and_refuses_the_next() {
    let (server, _tv) = serve().await;
    let mut events = server.stream("s=tv").await;
    events.expect("snap").await;
    assert_eq!(server.stores.streams(), 1);
    server.stores.stop();
    assert_eq!(events.next().await, None);
    let refused = server.get("/sprag/live?s=tv").await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
}

#[tokio::test]
async fn w12_a_layer_of_the_application_sees_each_request_and_may_refuse_it() {
    let tv = store("tv", Tv::default());
    let stores = Stores::new().add_with(&tv, open());
    let seen = Arc::new(AtomicUsize::new(0));
    let layer = from_fn_with_state(Arc::clone(&seen), limit);
    let app = Router::new().nest("/sprag", stores.router()).layer(layer);
    let server = Server::start_app(stores, app).await;
    let mut events = server.stream("s=tv").await;
    events.expect("snap").await;
    let epoch = epoch(&server).await;
    server.write(&epoch, "page", 1, &[json!([["=", ["volume"], 7]])]).await;
    // The layer has seen the streams of this test and of `epoch`, and the write.
    let write =
        json!({ "e": epoch, "t": "page", "m": [{ "n": 2, "ops": [["=", ["volume"], 8]] }] });
    assert_eq!(server.post("tv", &write).await.0, 429);
    assert_eq!((seen.load(Relaxed), tv.snapshot().volume), (4, 7));
    events.expect("change").await;
}

/// Lets three requests pass.
async fn limit(State(seen): State<Arc<AtomicUsize>>, request: Request, next: Next) -> Response {
    match seen.fetch_add(1, Relaxed) {
        0..3 => next.run(request).await,
        _ => StatusCode::TOO_MANY_REQUESTS.into_response(),
    }
}

#[tokio::test]
async fn w3_a_page_is_hydrated_with_a_state_and_its_version() {
    let tv = store("tv", Tv::default());
    tv.set(Tv::PATHS.url, Some("</script><script>alert(1)</script><!--".into()));
    let stores = Stores::new().add(&tv);
    let page = {
        let tv = tv.clone();
        async move |live: Live| Html(live.hydrate(&[&tv]).await)
    };
    let app = Router::new().route("/", get(page)).nest("/sprag", stores.router());
    let server = Server::start_app(stores, app).await;
    let body = server.get("/").await.into_body().collect().await.unwrap().to_bytes();
    let html = std::str::from_utf8(&body).unwrap();
    let (start, end) = ("<script type=\"application/json\" data-sprag-state>", "</script>");
    let json = html.strip_prefix(start).unwrap().strip_suffix(end).unwrap();
    assert!(!json.contains('<'), "{json}");
    let states: Value = serde_json::from_str(json).unwrap();
    assert_eq!((&states[0]["s"], &states[0]["v"]), (&json!("tv"), &json!(1)));
    assert_eq!(states[0]["state"]["url"], "</script><script>alert(1)</script><!--");
    // The stream goes on from the page.
    tv.set(Tv::PATHS.volume, 9);
    let position = format!("{}.1", states[0]["e"].as_str().unwrap());
    let mut events = server.stream(&format!("s=tv@{position}")).await;
    assert_eq!(events.expect("change").await["to"], 2);
}

#[tokio::test]
async fn the_client_is_served_and_kept_by_the_browser() {
    let (server, _tv) = serve().await;
    for file in ["client.js", "worker.js"] {
        let path = format!("/sprag/{file}");
        let response = server.get(&path).await;
        assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
        let tag = response.headers()["etag"].clone();
        let again = server.request("GET", &path).header("if-none-match", tag);
        let again = server.send(again.body(Default::default()).unwrap()).await;
        assert_eq!(again.status(), 304);
    }
}

/// The epoch of the store, whose hub follows from here on.
pub(crate) async fn epoch(server: &Server) -> String {
    let snap = server.stream("s=tv").await.expect("snap").await;
    snap["e"].as_str().expect("an epoch is text").to_owned()
}

#[tokio::test]
async fn w12_a_store_that_its_service_releases_ends_its_streams() {
    let (server, tv) = serve().await;
    let mut events = server.stream("s=tv").await;
    events.expect("snap").await;
    sprag::Resource::release(&tv);
    assert!(events.next().await.is_none());
}
