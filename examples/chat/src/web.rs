//! [`Web`]: the page of the chat.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use serde::Deserialize;
use sprag::{Error, Result, prelude::*};
use sprag_web::{Live, Stores};
use tokio::net::TcpListener;

use crate::rooms::Rooms;
use crate::session::{Sessions, User, identify};

/// The address that the chat listens on.
#[derive(Clone, Copy, Debug)]
pub struct Listen(pub SocketAddr);

/// The service that serves the page.
#[derive(Debug)]
pub struct Web {
    rooms: Arc<Rooms>,
    listen: Config<Listen>,
}

#[service]
impl Web {
    fn new(listen: Config<Listen>) -> Self {
        Self { rooms: Rooms::new(), listen }
    }

    async fn on_start(&self, scope: &Scope) -> Result<()> {
        let address = self.listen.0;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Error::msg(format!("cannot listen on {address}: {error}")))?;
        let (stores, stopping) = (self.rooms.stores(), scope.clone());
        let app = routes(&self.rooms, &stores);
        let server = axum::serve(sprag_web::listener(listener), app);
        let server = server.with_graceful_shutdown(async move {
            stopping.cancelled().await;
            stores.stop();
        });
        scope.spawn_named("http", async move { server.await })?;
        Ok(())
    }

    #[interval("5s")]
    fn sweep(&self) {
        self.rooms.sweep();
    }
}

#[derive(Clone)]
struct App {
    rooms: Arc<Rooms>,
    sessions: Sessions,
    stores: Stores,
}

/// The page, the form for entering, and the stores behind the session layer.
pub fn routes(rooms: &Arc<Rooms>, stores: &Stores) -> Router {
    let sessions = Sessions::default();
    let app = App { rooms: Arc::clone(rooms), sessions: sessions.clone(), stores: stores.clone() };
    Router::new()
        .route("/", get(page))
        .route("/enter", post(enter))
        .route("/leave", post(leave))
        .route("/chat.js", file("text/javascript", include_str!("../page/chat.js")))
        .route("/style.css", file("text/css", include_str!("../page/style.css")))
        .nest("/sprag", stores.router())
        .layer(from_fn(move |request, next| identify(sessions.clone(), request, next)))
        .with_state(app)
}

fn file(kind: &'static str, text: &'static str) -> axum::routing::MethodRouter<App> {
    get(move || async move { ([(CONTENT_TYPE, kind)], text) })
}

async fn page(live: Live, user: Option<Extension<User>>, State(app): State<App>) -> Response {
    if user.is_none() {
        return html(StatusCode::OK, &form("")).into_response();
    }
    let state = live.hydrate(&[&app.rooms.chat, &app.rooms.me]).await;
    let page = include_str!("../page/index.html").replace("<!-- state -->", &state);
    html(StatusCode::OK, &page).into_response()
}

/// A page that only runs the scripts of this server.
fn html(status: StatusCode, page: &str) -> impl IntoResponse + use<> {
    let policy = "default-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";
    (status, [(CONTENT_SECURITY_POLICY, policy)], Html(page.to_owned()))
}

/// The form for entering; `trouble` is a sentence of this program.
fn form(trouble: &str) -> String {
    include_str!("../page/enter.html").replace("<!-- trouble -->", trouble)
}

#[derive(Deserialize)]
struct Entry {
    name: String,
}

async fn enter(State(app): State<App>, Form(Entry { name }): Form<Entry>) -> Response {
    match app.sessions.enter(&name) {
        Ok((user, cookie)) => {
            app.rooms.enter(&user);
            home([(SET_COOKIE, cookie)])
        }
        Err(trouble) => html(StatusCode::UNPROCESSABLE_ENTITY, &form(trouble)).into_response(),
    }
}

/// The user's streams end at once, and the windows show the form again.
async fn leave(user: User, State(app): State<App>) -> Response {
    app.sessions.leave(&user);
    app.rooms.leave(&user);
    app.stores.revoke(&user);
    home([(SET_COOKIE, "chat=; Path=/; Max-Age=0".to_owned())])
}

fn home<const N: usize>(headers: [(HeaderName, String); N]) -> Response {
    (StatusCode::SEE_OTHER, headers, [(LOCATION, "/")]).into_response()
}
