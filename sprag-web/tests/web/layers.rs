//! W5, W12: the user's layers and log: what passes through them has no secret, and is live.

use std::io::{self, Write};
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use flate2::write::GzDecoder;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Incoming;
use parking_lot::Mutex;
use serde_json::json;
use sprag_web::{Live, Published, Stores, store};
use test_support::within_async;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tracing_subscriber::fmt::MakeWriter;

use crate::rights::{House, Office, Talkative, house, user};
use crate::support::{SOON, Server};

/// The log of this thread.
#[derive(Clone, Default)]
struct LogText(Arc<Mutex<Vec<u8>>>);

impl Write for LogText {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogText {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl LogText {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

/// The log of all that happens on this thread until the guard is dropped.
fn logged() -> (LogText, tracing::subscriber::DefaultGuard) {
    let log = LogText::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn w5_no_line_of_the_log_has_a_secret() {
    let (log, _guard) = logged();
    let (home, office) = (store("home", house()), store("office", Office::default()));
    let server = Server::start(Stores::new().add(&home).add(&office)).await;
    let mut events = server.stream("s=office&s=home").await;
    for _ in 0..2 {
        events.expect("snap").await;
    }
    // A commit, and then a state, whose hidden parts sprag cannot find.
    let secret = Talkative { name: "a".into(), key: "SECRET-desk".into() };
    office.push(Office::PATHS.desks, secret);
    events.expect("denied").await;
    home.set(House::PATHS.alarm, "SECRET-alarm-2".into());
    home.push(House::PATHS.users, user("dan", "SECRET-dan"));
    for _ in 0..2 {
        events.expect("change").await;
    }
    let head = server.stream("s=home").await.expect("snap").await;
    let ops = [
        json!([["=", ["alarm"], "x"]]),
        json!([["=", ["users", 0], { "name": "x", "key": "x" }]]),
        json!([["=", ["owner"], 7]]),
        json!([["-", ["users", 900]]]),
    ];
    for (n, ops) in (1..).zip(ops) {
        let batch = json!({ "e": head["e"], "t": "page", "m": [{ "n": n, "ops": ops }] });
        let (_, answer) = server.post("home", &batch).await;
        assert!(answer["r"][0]["err"].is_string(), "{answer}");
    }
    let text = log.text();
    assert!(text.contains("cannot be sent"), "{text}");
    assert!(!text.contains("SECRET"), "{text}");
}

/// A server whose page and router are behind a layer that compresses everything.
async fn compressed() -> (Server, Published<House>) {
    let home = store("home", house());
    let stores = Stores::new().add(&home);
    let shown = home.clone();
    let page = async move |live: Live| live.hydrate(&[&shown]).await;
    let layer = CompressionLayer::new().compress_when(SizeAbove::new(0));
    let app = Router::new().route("/", get(page)).nest("/sprag", stores.clone().router());
    (Server::start_app(stores, app.layer(layer)).await, home)
}

/// Requests `path` as a browser does, which accepts gzip.
async fn zipped(server: &Server, path: &str) -> Response<Incoming> {
    let request = server.request("GET", path).header("accept-encoding", "gzip");
    let response = server.send(request.body(Default::default()).unwrap()).await;
    assert_eq!(response.headers()["content-encoding"], "gzip", "{path}");
    response
}

#[tokio::test]
async fn w5_w12_a_compressed_stream_is_live_and_has_no_secret() {
    let (server, home) = compressed().await;
    let mut body = zipped(&server, "/sprag/live?s=home").await.into_body();
    let mut text = GzDecoder::new(Vec::new());
    let writes: [&dyn Fn(); 3] = [
        &|| _ = home.set(House::PATHS.alarm, "SECRET-2".into()),
        &|| home.push(House::PATHS.users, user("dan", "SECRET-dan")),
        &|| {},
    ];
    // Each is there before the next is made.
    for (end, write) in ["\"attic\"", "change", "\"dan\""].into_iter().zip(writes) {
        while !String::from_utf8_lossy(text.get_ref()).contains(end) {
            let frame = within_async(SOON, body.frame()).await.expect("the stream goes on");
            text.write_all(&frame.unwrap().into_data().unwrap()).unwrap();
            text.flush().unwrap();
        }
        write();
    }
    assert!(!String::from_utf8_lossy(text.get_ref()).contains("SECRET"));
}

#[tokio::test]
async fn w5_w12_a_compressed_page_has_no_secret() {
    let (server, _home) = compressed().await;
    let body = zipped(&server, "/").await.into_body().collect().await.unwrap().to_bytes();
    let mut html = GzDecoder::new(Vec::new());
    html.write_all(&body).unwrap();
    let html = String::from_utf8(html.finish().unwrap()).unwrap();
    assert!(html.contains("attic") && !html.contains("SECRET"), "{html}");
}
