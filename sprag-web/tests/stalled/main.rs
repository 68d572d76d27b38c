//! W6: readers that stop reading, in a process of their own, whose memory nothing else changes.

use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_web::{Stores, store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const STALLED: usize = 300;

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tv {
    url: Option<String>,
}

/// Requests the stream, and reads as little of it as the kernel allows.
async fn reader(address: std::net::SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut tcp = socket.connect(address).await.unwrap();
    let request = format!("GET /sprag/live?s=tv HTTP/1.1\r\nhost: {address}\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    tcp
}

/// The memory of the process, if the system reports it.
fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split(' ').nth(1)?.parse::<usize>().ok()? * 4096)
}

#[tokio::test(start_paused = true)]
async fn w6_300_stalled_readers_cost_little_and_are_gone_and_one_who_reads_stays() {
    let tv = store("tv", Tv::default());
    let stores = Stores::new().add(&tv);
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(64 * 1024).unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let listener = socket.listen(1024).unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().nest("/sprag", stores.router());
    tokio::spawn(async move { axum::serve(sprag_web::listener(listener), app).await });

    let mut reading = reader(address).await;
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        stalled.push(reader(address).await);
    }
    while stores.streams() < STALLED + 1 {
        tokio::task::yield_now().await;
    }
    let before = resident();
    let url = "x".repeat(16 * 1024);
    let mut most = 0;
    let mut taken = vec![0; 64 * 1024];
    let mut number = 0;
    while stores.streams() > 1 {
        tv.set(Tv::PATHS.url, Some(format!("{url}{number}")));
        number += 1;
        assert!(number < 1_000, "{} streams are still open", stores.streams());
        let read = reading.read(&mut taken).await.unwrap();
        assert!(read > 0, "the reader that reads was closed");
        most = most.max(resident().unwrap_or_default());
        // Once the buffers are full, time passes.
        if number > 60 {
            tokio::time::advance(Duration::from_millis(500)).await;
        }
    }
    let grown = before.map_or(0, |before| most.saturating_sub(before));
    assert!(grown < STALLED * 40 * 1024, "{STALLED} stalled readers cost {grown} bytes");
    drop(stalled);
}
