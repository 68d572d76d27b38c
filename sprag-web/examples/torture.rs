//! A server for the client's tests, `client/test/rust.test.ts`: one store on the port of
//! the first argument. The server writes to the store as well.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_web::{Policy, Stores, store};
use tokio::net::TcpListener;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
struct State {
    count: u64,
    volume: u8,
    ids: Vec<String>,
    ticks: u64,
    rooms: BTreeMap<String, Room>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
struct Room {
    count: u64,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(0);
    let rooms = ["a", "b", "c"].map(|name| (name.to_owned(), Room::default())).into();
    let state = store("tv", State { rooms, ..State::default() }).keep(4 * 1024);
    let policy = Policy::new().authorize(|(): &(), _| Ok(())).validate(|next: &State| {
        if next.volume <= 100 { Ok(()) } else { Err("the volume is at most 100".to_owned()) }
    });
    let stores = Stores::new().add_with(&state, policy);
    let app = Router::new().nest("/sprag", stores.router());
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("{}", listener.local_addr()?.port());
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            state.update_at(State::PATHS.ticks, |ticks| *ticks += 1);
        }
    });
    axum::serve(sprag_web::listener(listener), app).await
}
