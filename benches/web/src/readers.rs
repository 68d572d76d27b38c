//! The readers of a stream, all in this process.

use std::io;
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::now;
use crate::server::{Kind, Peer};

/// The headers that make a connection a WebSocket.
const UPGRADE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// The message `40`, by which a client of socket.io joins the default namespace: in a WebSocket
/// frame whose mask is zero.
const JOIN: &[u8] = &[0x81, 0x82, 0, 0, 0, 0, b'4', b'0'];

/// Opens `count` streams, and waits for the first bytes of each.
pub(crate) async fn open(kind: Kind, port: u16, count: usize) -> io::Result<Vec<TcpStream>> {
    try_join_all((0..count).map(|_| stream(kind, port))).await
}

async fn stream(kind: Kind, port: u16) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let (path, upgrade) = match kind {
        Kind::Store | Kind::Broadcast => ("/sprag/live?s=clock", ""),
        Kind::Peer(Peer::Ws) => ("/", UPGRADE),
        Kind::Peer(Peer::SocketIo) => ("/socket.io/?EIO=4&transport=websocket", UPGRADE),
    };
    let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{upgrade}\r\n");
    stream.write_all(request.as_bytes()).await?;
    // The rest of the head is read with the frames.
    stream.read_exact(&mut [0; 16]).await?;
    if kind == Kind::Peer(Peer::SocketIo) {
        stream.write_all(JOIN).await?;
    }
    Ok(stream)
}

/// The delays of all frames that arrive within `period` at any stream, in nanoseconds.
pub(crate) async fn delays(streams: Vec<TcpStream>, period: Duration) -> Vec<u64> {
    let readers = streams.into_iter().map(|stream| tokio::spawn(read(stream, period)));
    let read = join_all(readers).await;
    read.into_iter().flat_map(|delays| delays.expect("a reader does not panic")).collect()
}

async fn read(mut stream: TcpStream, period: Duration) -> Vec<u64> {
    let (mut delays, mut text) = (Vec::new(), Vec::new());
    let reading = async {
        while stream.read_buf(&mut text).await.is_ok_and(|count| count > 0) {
            let end = text.iter().rposition(|byte| *byte == b'}').unwrap_or(0);
            note(&text[..end], &mut delays);
            text.drain(..end);
        }
    };
    // The stream goes on after the measurement.
    let _ = timeout(period, reading).await;
    delays
}

/// Appends the delays of the frames in `text`.
fn note(text: &[u8], delays: &mut Vec<u64>) {
    let arrived = now();
    let text = String::from_utf8_lossy(text);
    for rest in text.split("[\"at\"],").skip(1) {
        let sent = rest.split(']').next().and_then(|sent| sent.parse::<u64>().ok());
        delays.extend(sent.map(|sent| arrived.saturating_sub(sent)));
    }
}
