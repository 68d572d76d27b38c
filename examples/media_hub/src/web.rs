//! [`WebService`]: the page of the hub, `--serve`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use sprag::{Error, Result, prelude::*};
use sprag_web::{Live, Policy, Published, Stores, store, store_over};
use tokio::net::TcpListener;

use crate::library::LibraryService;
use crate::options::Options;
use crate::player::PlayerService;
use crate::screen::{NAME, Screen};
use crate::shelf::{Disk, House, ServiceState, Shelf};
use crate::site;
use crate::storage::StorageService;
use crate::terminal::Terminal;
use crate::tv::Tv;

pub(crate) struct WebService {
    house: Published<House>,
    storage: Handle<StorageService>,
    library: Handle<LibraryService>,
    player: Handle<PlayerService>,
    options: Config<Options>,
    terminal: Config<Terminal>,
}

/// The state of the page.
#[derive(Clone)]
struct Page {
    tv: Published<Tv, Screen>,
    shelf: Published<Shelf>,
    house: Published<House>,
    scope: Scope,
}

#[service]
impl WebService {
    fn new(
        storage: Handle<StorageService>,
        library: Handle<LibraryService>,
        player: Handle<PlayerService>,
        options: Config<Options>,
        terminal: Config<Terminal>,
    ) -> Self {
        let house = store("house", House::default());
        Self { house, storage, library, player, options, terminal }
    }

    async fn on_start(&self, scope: &Scope) -> Result<()> {
        let Some(address) = self.options.serve else { return Ok(()) };
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Error::msg(format!("cannot listen on {address}: {error}")))?;
        self.terminal.say(format!("the page is at http://{}", listener.local_addr()?));
        let page = Page {
            tv: store_over(NAME, self.player.get()?.tv().clone()),
            shelf: Published::of(self.library.get()?.shelf().clone()),
            house: self.house.clone(),
            scope: scope.clone(),
        };
        let stores = page.stores();
        let routes = page.routes(&stores);
        let stopping = scope.clone();
        let server = axum::serve(sprag_web::listener(listener), routes);
        let server = server.with_graceful_shutdown(async move {
            stopping.cancelled().await;
            stores.stop();
        });
        scope.spawn_named("http", async move { server.await })?;
        Ok(())
    }

    /// Reads the drives and the health of the services for the page.
    #[interval("2s")]
    async fn look(&self, scope: &Scope) -> Result<()> {
        if self.options.serve.is_none() {
            return Ok(());
        }
        let drives = self.storage.get()?.drives().await?;
        let health = scope.health().await;
        let services = health.services().map(|(name, health)| ServiceState {
            name: name.to_owned(),
            trouble: health.reason().map(str::to_owned),
        });
        let house =
            House { drives: drives.iter().map(Disk::from).collect(), services: services.collect() };
        self.house.replace(house);
        Ok(())
    }
}

impl Page {
    /// The stores of the page, which every client can watch and write; the types define the
    /// rights.
    fn stores(&self) -> Stores {
        Stores::new()
            .add_with(&self.tv, Policy::new().validate(Tv::check))
            .add(&self.shelf)
            .add(&self.house)
    }

    fn routes(self, stores: &Stores) -> Router {
        Router::new()
            .route("/", get(page))
            .route("/healthz", get(healthz))
            .merge(site::files())
            .nest("/sprag", stores.router())
            .layer(axum::middleware::map_response(site::headers))
            .with_state(self)
    }
}

async fn page(live: Live, State(page): State<Page>) -> axum::response::Html<String> {
    let state = live.hydrate(&[&page.tv, &page.shelf, &page.house]).await;
    axum::response::Html(site::PAGE.replace("<!-- state -->", &state))
}

async fn healthz(State(page): State<Page>) -> (StatusCode, String) {
    let health = page.scope.health().await.status();
    let status = if health.is_healthy() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, format!("{health}\n"))
}
