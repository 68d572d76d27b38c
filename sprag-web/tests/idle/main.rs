//! W9: idle streams, in a process of their own, whose memory nothing else changes.

#![cfg(target_os = "linux")]

mod streams;

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_util::stream::{StreamExt, iter, pending};
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_web::{Stores, store};
use tokio::net::{TcpListener, TcpStream};

use self::streams::{allow_files, read_to, stream};

/// The streams of each kind; each is two open files.
const STREAMS: usize = 2_000;
/// The bound for a stream over a plain one. The promise is 4 kB, which the benches measure
/// with optimisations.
const BOUND: usize = 6 * 1024;

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Clock {
    at: u64,
}

/// The resident memory of this process.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux has the file");
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("the second number is the resident memory") * 4096
}

/// The streams, and how much memory each of them has added.
async fn opened(address: SocketAddr, path: &str, end: &str) -> (Vec<TcpStream>, usize) {
    let before = resident();
    let mut streams = Vec::with_capacity(STREAMS);
    for _ in 0..STREAMS {
        streams.push(stream(address, path, end).await);
    }
    (streams, resident().saturating_sub(before) / STREAMS)
}

#[tokio::test]
async fn w9_2_000_idle_streams_cost_little_over_plain_ones_and_are_live() {
    allow_files();
    let clock = store("clock", Clock::default());
    let plain = get(async || {
        let first = Ok::<_, Infallible>(Bytes::from_static(b": plain\n\n"));
        Body::from_stream(iter([first]).chain(pending()))
    });
    let stores = Stores::new().add(&clock);
    let app = Router::new().route("/plain", plain).nest("/sprag", stores.clone().router());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the listener has a port");
    tokio::spawn(async move { axum::serve(listener, app).await });
    // The first stream of each kind allocates for all later ones.
    let (snap, path) = ("\"at\":0", "/sprag/live?s=clock");
    let first = (stream(address, "/plain", "plain").await, stream(address, path, snap).await);
    let (plain, floor) = opened(address, "/plain", ": plain").await;
    let (mut streams, cost) = opened(address, path, snap).await;
    assert!(cost <= floor + BOUND, "an idle stream costs {cost} bytes, a plain one {floor}");
    assert_eq!(stores.streams(), STREAMS + 1);
    clock.set(Clock::PATHS.at, 7);
    for tcp in &mut streams {
        read_to(tcp, "[\"at\"],7").await;
    }
    println!("an idle stream costs {cost} bytes, a plain one {floor}");
    drop((first, plain));
}
