//! A server for the client's tests in a browser, `client/test/browser`: pages that show one
//! store, on the port of the first argument. `/built` serves the files of the folder in the
//! second argument.

use std::path::PathBuf;

use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Live, Policy, Published, Stores, store};
use tokio::net::TcpListener;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
struct Tv {
    title: String,
    volume: u8,
    muted: bool,
    queue: Vec<String>,
    /// Only the server writes this.
    #[model(browser = "read")]
    position: u64,
    #[serde(default)]
    #[model(browser = "never")]
    api_key: String,
}

#[derive(Clone)]
struct Pages {
    tv: Published<Tv>,
    stores: Stores,
    built: PathBuf,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let port: u16 = args.next().and_then(|port| port.parse().ok()).unwrap_or(0);
    let built = args.next().unwrap_or_default().into();
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(sprag_web::listener(listener), app(built)).await
}

fn app(built: PathBuf) -> Router {
    let state =
        Tv { title: "Alien".to_owned(), volume: 20, api_key: "k3y".to_owned(), ..Tv::default() };
    let tv = store("tv", state);
    let policy = Policy::new().authorize(|(): &(), _| Ok(())).validate(|next: &Tv| {
        if next.volume <= 100 { Ok(()) } else { Err("the volume is at most 100".to_owned()) }
    });
    let stores = Stores::new().add_with(&tv, policy).host("tv.lan");
    let router = stores.router();
    Router::new()
        .route("/", get(plain))
        .route("/framework", get(framework))
        .route("/built/{file}", get(file))
        .route("/advance", post(advance))
        .route("/counts", get(counts))
        .nest("/sprag", router)
        .with_state(Pages { tv, stores, built })
}

/// A page without a script of its own.
async fn plain(live: Live, Shared(pages): Shared<Pages>) -> impl IntoResponse {
    let state = live.hydrate(&[&pages.tv]).await;
    page(&format!(
        "{state}<script type=module blocking=render src=/sprag/client.js></script>\
         <body><h1 data-sprag=\"tv:title\"></h1>\
         <b data-sprag=\"tv:position\"></b>\
         <input type=range max=200 data-sprag=\"tv:volume\">\
         <input type=checkbox data-sprag=\"tv:muted\">"
    ))
}

/// A page that a framework renders, on the server and then in the browser.
async fn framework(live: Live, Shared(pages): Shared<Pages>) -> impl IntoResponse {
    let state = live.hydrate(&[&pages.tv]).await;
    let Tv { title, volume, .. } = pages.tv.snapshot().as_ref().clone();
    page(&format!(
        "{state}<script type=module src=/built/framework.js></script>\
         <body><main><div><h1>{title}</h1><b>{volume}</b></div></main>"
    ))
}

fn page(rest: &str) -> impl IntoResponse + use<> {
    let policy = [(CONTENT_SECURITY_POLICY, "default-src 'self'; script-src 'self'")];
    (policy, Html(format!("<!doctype html><meta charset=utf-8><title>TV</title>{rest}")))
}

async fn file(Path(file): Path<String>, Shared(pages): Shared<Pages>) -> impl IntoResponse {
    let found = tokio::fs::read(pages.built.join(file)).await;
    found
        .map(|bytes| ([(CONTENT_TYPE, "text/javascript")], bytes))
        .map_err(|_| StatusCode::NOT_FOUND)
}

/// Writes on the server.
async fn advance(Shared(pages): Shared<Pages>) {
    pages.tv.update_at(Tv::PATHS.position, |position| *position += 1);
}

async fn counts(Shared(pages): Shared<Pages>) -> Json<Value> {
    Json(json!({ "streams": pages.stores.streams(), "refused": pages.stores.refused() }))
}
