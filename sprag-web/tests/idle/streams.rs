//! Streams that a test reads by hand.

use std::net::SocketAddr;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use test_support::within_async;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Allows this process as many open files as the system does; returns how many.
pub(crate) fn allow_files() -> u64 {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("the system has the limit");
    setrlimit(Resource::RLIMIT_NOFILE, most, most).expect("the limit may be raised");
    most
}

/// Opens a stream, and reads up to `end`.
pub(crate) async fn stream(address: SocketAddr, path: &str, end: &str) -> TcpStream {
    let mut tcp = TcpStream::connect(address).await.expect("the server listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.expect("the server reads");
    read_to(&mut tcp, end).await;
    tcp
}

pub(crate) async fn read_to(tcp: &mut TcpStream, end: &str) {
    let (mut text, mut bytes) = (String::new(), [0; 512]);
    while !text.contains(end) {
        let read = within_async(Duration::from_secs(60), tcp.read(&mut bytes)).await;
        let count = read.expect("the stream goes on");
        assert!(count > 0, "the stream ended after {text}");
        text.push_str(std::str::from_utf8(&bytes[..count]).expect("frames are text"));
    }
}
