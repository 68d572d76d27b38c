//! A store under connections of browsers over loopback: one that reads all, one that stops
//! reading, and some that come and go.

use std::net::SocketAddr;
use std::thread::Scope;
use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sprag::prelude::*;
use sprag_web::{Published, Stores, store};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};

use crate::findings::{Counter, Findings};

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Gauge {
    level: u64,
    text: String,
}

/// Serves a store until the round is over.
pub(crate) fn load<'scope>(scope: &'scope Scope<'scope, '_>, findings: &'static Findings) {
    scope.spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        if let Err(error) = runtime.and_then(|runtime| runtime.block_on(round(findings))) {
            eprintln!("the browsers: {error}");
            findings.add(Counter::Lost, 1);
        }
    });
}

async fn round(findings: &'static Findings) -> std::io::Result<()> {
    let gauge = store("gauge", Gauge::default());
    let stores = Stores::new().add(&gauge);
    let socket = TcpSocket::new_v4()?;
    socket.set_send_buffer_size(64 * 1024)?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let listener = socket.listen(64)?;
    let address = listener.local_addr()?;
    let app = Router::new().nest("/sprag", stores.router());
    let server = tokio::spawn(async move { axum::serve(sprag_web::listener(listener), app).await });
    let stalled = connect(address).await?;
    let reader = tokio::spawn(read(address, findings));
    let guests = tokio::spawn(come_and_go(address, findings));
    write(&gauge, findings).await;
    for outcome in [reader.await?, guests.await?] {
        outcome?;
    }
    drop(stalled);
    stores.stop();
    while stores.streams() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.abort();
    Ok(())
}

async fn write(gauge: &Published<Gauge>, findings: &Findings) {
    let text = "x".repeat(1_024);
    for level in (1..).take_while(|_| !findings.is_over()) {
        gauge.set(Gauge::PATHS.level, level);
        if level % 8 == 0 {
            gauge.set(Gauge::PATHS.text, format!("{text}{level}"));
        }
        findings.add(Counter::Writes, 1);
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    // The level of the end, at which the reader leaves.
    gauge.set(Gauge::PATHS.level, u64::MAX);
}

async fn connect(address: SocketAddr) -> std::io::Result<BufReader<TcpStream>> {
    let mut tcp = TcpStream::connect(address).await?;
    let request = format!("GET /sprag/live?s=gauge HTTP/1.1\r\nhost: {address}\r\n\r\n");
    tcp.write_all(request.as_bytes()).await?;
    Ok(BufReader::new(tcp))
}

/// Follows the stream to the level of the end: each change begins where the last one ended.
async fn read(address: SocketAddr, findings: &Findings) -> std::io::Result<()> {
    let (mut lines, mut last) = (connect(address).await?.lines(), None::<u64>);
    while let Some(line) = lines.next_line().await? {
        let Some(data) = line.strip_prefix("data:") else { continue };
        let Ok(frame) = serde_json::from_str::<Value>(data) else {
            findings.add(Counter::Torn, 1);
            continue;
        };
        if let (Some(from), Some(to)) = (frame["from"].as_u64(), frame["to"].as_u64()) {
            findings.expect(last == Some(from), Counter::OutOfOrder);
            last = Some(to);
            findings.add(Counter::Frames, 1);
        } else if let Some(version) = frame["v"].as_u64() {
            findings.expect(last.is_none_or(|last| version >= last), Counter::OutOfOrder);
            last = Some(version);
        }
        if data.contains(&u64::MAX.to_string()) {
            return Ok(());
        }
    }
    findings.add(Counter::Lost, 1);
    Ok(())
}

/// Connections that end after their first lines.
async fn come_and_go(address: SocketAddr, findings: &Findings) -> std::io::Result<()> {
    while !findings.is_over() {
        let mut lines = connect(address).await?.lines();
        for _ in 0..20 {
            lines.next_line().await?;
        }
        findings.add(Counter::Connections, 1);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
