//! [`Web`]: the devices as a service, and their page.

use std::net::SocketAddr;
use std::sync::Mutex;

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use axum::routing::{MethodRouter, get};
use sprag::{Error, Result, path, prelude::*};
use sprag_web::{Live, Policy, Published, Stores, store};
use tokio::net::TcpListener;

use crate::fleet::{Fleet, fleet, step};
use crate::overview::{Overview, keep};

/// The number of devices.
const DEVICES: usize = 10_000;
/// How many devices change in a tenth of a second.
const CHANGES: usize = 500;
/// How many rows are part of the page.
const ROWS: usize = 32;

/// The address that the dashboard listens on.
#[derive(Clone, Copy, Debug)]
pub struct Listen(pub SocketAddr);

/// The service that has the devices and serves the page.
#[derive(Debug)]
pub struct Web {
    fleet: Published<Fleet>,
    overview: Published<Overview>,
    random: Mutex<fastrand::Rng>,
    listen: Config<Listen>,
}

#[service]
impl Web {
    fn new(listen: Config<Listen>) -> Self {
        let fleet = store("fleet", fleet(DEVICES));
        let overview = store("overview", Overview::default());
        Self { fleet, overview, random: Mutex::default(), listen }
    }

    async fn on_start(&self, scope: &Scope) -> Result<()> {
        scope.own(keep(&self.fleet, &self.overview));
        let address = self.listen.0;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Error::msg(format!("cannot listen on {address}: {error}")))?;
        let stores = self.stores();
        let (app, stopping) = (self.routes(&stores), scope.clone());
        let server = axum::serve(sprag_web::listener(listener), app);
        let server = server.with_graceful_shutdown(async move {
            stopping.cancelled().await;
            stores.stop();
        });
        scope.spawn_named("http", async move { server.await })?;
        Ok(())
    }

    #[interval("100ms")]
    fn work(&self) {
        step(&self.fleet, &mut self.random.lock().unwrap(), CHANGES);
        self.overview.set(Overview::PATHS.writes, CHANGES as u64 * 10);
    }

    fn stores(&self) -> Stores {
        let named = Policy::new().validate(|fleet: &Fleet| {
            let is_long = fleet.devices.values().any(|device| device.name.len() > 60);
            if is_long { Err("A name has at most 60 letters.".to_owned()) } else { Ok(()) }
        });
        Stores::new().add_with(&self.fleet, named).add(&self.overview)
    }

    fn routes(&self, stores: &Stores) -> Router {
        let (fleet, overview) = (self.fleet.clone(), self.overview.clone());
        Router::new()
            .route("/", get(move |live: Live| page(live, fleet.clone(), overview.clone())))
            .route("/dashboard.js", file("text/javascript", include_str!("../page/dashboard.js")))
            .route("/style.css", file("text/css", include_str!("../page/style.css")))
            .nest("/sprag", stores.router())
    }
}

fn file(kind: &'static str, text: &'static str) -> MethodRouter {
    get(move || async move { ([(CONTENT_TYPE, kind)], text) })
}

/// The page with its first rows; the others are loaded when the user scrolls to them.
async fn page(
    live: Live,
    fleet: Published<Fleet>,
    overview: Published<Overview>,
) -> impl IntoResponse {
    let row = |number: usize| path!(Fleet.devices[format!("{number:05}")]);
    let rows = (1..ROWS).fold(fleet.at(row(0)), |rows, number| rows.and(row(number)));
    let state = live.hydrate(&[&rows, &overview]).await;
    let page = include_str!("../page/index.html").replace("<!-- state -->", &state);
    let policy = "default-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";
    ([(CONTENT_SECURITY_POLICY, policy)], Html(page))
}
