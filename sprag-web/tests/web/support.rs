//! A server on a port of its own, and a client whose requests the test determines.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::handshake;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Policy, Stores};
use test_support::within_async;
use tokio::net::{TcpListener, TcpStream};

/// A generous time for steps that take milliseconds.
pub(crate) const SOON: Duration = Duration::from_secs(20);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
pub(crate) struct Tv {
    pub(crate) url: Option<String>,
    pub(crate) volume: u8,
    pub(crate) queue: Vec<String>,
}

/// Allows everybody to write everywhere.
pub(crate) fn open<T: Send + Sync + 'static>() -> Policy<T> {
    Policy::new().authorize(|(): &(), _| Ok(()))
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) stores: Stores,
}

impl Server {
    /// Serves `stores` at `/sprag`.
    pub(crate) async fn start(stores: Stores) -> Self {
        Self::start_app(stores.clone(), Router::new().nest("/sprag", stores.router())).await
    }

    /// Serves `app`, which contains the router of `stores`.
    pub(crate) async fn start_app(stores: Stores, app: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("the listener has a port");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, stores }
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        self.try_send(request).await.expect("the server answers")
    }

    /// Sends a request; `None` if the server closes the connection without a response.
    async fn try_send(&self, request: Request<Full<Bytes>>) -> Option<Response<Incoming>> {
        let tcp = TcpStream::connect(self.address).await.expect("the server listens");
        let (mut sender, connection) = handshake(TokioIo::new(tcp)).await.expect("it is http");
        tokio::spawn(connection);
        within_async(SOON, sender.send_request(request)).await.ok()
    }

    /// A request to `path` with the headers that every client sends.
    pub(crate) fn request(&self, method: &str, path: &str) -> hyper::http::request::Builder {
        Request::builder().method(method).uri(path).header("host", self.address.to_string())
    }

    pub(crate) async fn get(&self, path: &str) -> Response<Incoming> {
        self.send(self.request("GET", path).body(Full::default()).unwrap()).await
    }

    pub(crate) async fn post(&self, store: &str, body: &Value) -> (StatusCode, Value) {
        self.try_post(store, body).await.expect("the server answers")
    }

    /// Posts `body`; `None` if the server closes the connection without a response.
    pub(crate) async fn try_post(&self, store: &str, body: &Value) -> Option<(StatusCode, Value)> {
        let request = self
            .request("POST", &format!("/sprag/store/{store}"))
            .header("content-type", "application/json")
            .body(Full::from(body.to_string()))
            .unwrap();
        Some(answer(self.try_send(request).await?).await)
    }

    /// Sends writes of the page `tag`, numbered from `n` on; returns the replies.
    pub(crate) async fn write(&self, epoch: &str, tag: &str, n: u64, ops: &[Value]) -> Value {
        let numbered = ops.iter().zip(n..).map(|(ops, n)| json!({ "n": n, "ops": ops }));
        let writes: Vec<Value> = numbered.collect();
        let (status, answer) = self.post("tv", &json!({ "e": epoch, "t": tag, "m": writes })).await;
        assert_eq!(status, 200, "{answer}");
        answer["r"].clone()
    }

    /// Requests the places `at` of `store` on the stream `name`; returns the status.
    pub(crate) async fn show(&self, name: &str, store: &str, at: &str, number: u64) -> StatusCode {
        let body = json!({ "c": name, "m": [{ "s": store, "at": at, "k": number }] });
        let request =
            self.request("POST", "/sprag/live").header("content-type", "application/json");
        self.send(request.body(Full::from(body.to_string())).unwrap()).await.status()
    }

    pub(crate) async fn stream(&self, query: &str) -> Events {
        let response = self.get(&format!("/sprag/live?{query}")).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events::of(response)
    }
}

/// The status of an answer, and its body as JSON.
pub(crate) async fn answer(response: Response<Incoming>) -> (StatusCode, Value) {
    let status = response.status();
    let body = response.into_body().collect().await.expect("the body arrives").to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// The events of a stream.
pub(crate) struct Events {
    body: Incoming,
    text: String,
}

impl Events {
    pub(crate) fn of(response: Response<Incoming>) -> Self {
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event that is not a comment: its name and its data. `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        within_async(SOON, async {
            loop {
                while let Some((block, rest)) = self.text.split_once("\n\n") {
                    let event = parsed(block);
                    self.text = rest.to_owned();
                    if event.is_some() {
                        return event;
                    }
                }
                let frame = self.body.frame().await?.ok()?;
                let bytes = frame.into_data().expect("a stream has no trailers");
                self.text.push_str(std::str::from_utf8(&bytes).expect("frames are text"));
            }
        })
        .await
    }

    /// Waits for the next heartbeat, before which no event comes.
    pub(crate) async fn heartbeat(&mut self) {
        within_async(SOON, async {
            while !self.text.starts_with(":\n\n") {
                let frame = self.body.frame().await.expect("the stream goes on").unwrap();
                let bytes = frame.into_data().expect("a stream has no trailers");
                self.text.push_str(std::str::from_utf8(&bytes).expect("frames are text"));
            }
        })
        .await;
        self.text.drain(..3);
    }

    /// The data of the next event, which has this name.
    pub(crate) async fn expect(&mut self, name: &str) -> Value {
        let (event, data) = self.next().await.expect("the stream goes on");
        assert_eq!(event, name, "{data}");
        data
    }
}

fn parsed(block: &str) -> Option<(String, Value)> {
    let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
    let data = line("data: ")?;
    Some((line("event: ")?.to_owned(), serde_json::from_str(data).expect("data is JSON")))
}
