//! [`listener`]: closes connections whose reader stops reading.
//!
//! hyper does not poll a body whose socket is full, so neither a layer nor a body can
//! detect a stalled reader. The connection can: a write that has waited for 15 s fails.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// How long a reader may accept no byte.
const STALLED: Duration = Duration::from_secs(15);

/// Makes `axum::serve` close the connections of readers that have stalled, and send each frame
/// at once.
///
/// A connection that accepts no byte for 15 s while data is waiting is closed; its client
/// reconnects and continues. With another listener such a connection remains until TCP
/// times out, and costs up to 450 kB in this process and the kernel's buffers.
///
/// The connections have `TCP_NODELAY`: otherwise the kernel delays a small frame until the
/// reader has acknowledged the frame before, which takes up to 40 ms.
///
/// Connections inherit the kernel's send buffer from the listening socket, so
/// `TcpSocket::set_send_buffer_size` before `listen` limits the cost of a stalled reader
/// there, for example to 64 kB.
///
/// ```no_run
/// # use axum::Router;
/// # async fn serve(app: Router) -> std::io::Result<()> {
/// let socket = tokio::net::TcpSocket::new_v4()?;
/// socket.set_send_buffer_size(64 * 1024)?;
/// socket.bind(([127, 0, 0, 1], 8080).into())?;
/// axum::serve(sprag_web::listener(socket.listen(1024)?), app).await
/// # }
/// ```
pub fn listener(tcp: TcpListener) -> StallListener {
    StallListener(tcp)
}

/// The listener that [`listener`] returns.
#[derive(Debug)]
pub struct StallListener(TcpListener);

impl Listener for StallListener {
    type Io = Connection;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Connection, Self::Addr) {
        let (tcp, address) = Listener::accept(&mut self.0).await;
        // A socket that refuses the option is slower, and works.
        let _ = tcp.set_nodelay(true);
        (Connection { tcp, stalled: None }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// A connection of a [`StallListener`].
#[derive(Debug)]
pub struct Connection {
    tcp: TcpStream,
    /// Set while a write waits; when the time is up, the reader has stalled.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Connection {
    /// Passes on the result of a write, unless the write has waited too long.
    fn timed<T>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALLED)));
        ready!(stalled.as_mut().poll(cx));
        let why = "the reader took no byte for 15 s";
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why)))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.timed(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.tcp).poll_write_vectored(cx, slices);
        self.timed(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.tcp).poll_flush(cx);
        self.timed(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.tcp).poll_shutdown(cx);
        self.timed(cx, polled)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn w2_a_frame_does_not_wait_for_the_acknowledgement_of_the_last_one() {
        let mut listener = listener(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let reader = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (connection, from) = listener.accept().await;
        assert_eq!(from, reader.local_addr().unwrap());
        assert!(connection.tcp.nodelay().unwrap());
    }

    #[tokio::test]
    async fn w2_a_connection_passes_on_what_is_written_and_its_end() {
        let mut listener = listener(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let mut reader = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut connection, _) = listener.accept().await;
        assert_eq!(connection.write(b"hello").await.unwrap(), 5);
        connection.shutdown().await.unwrap();
        let mut read = String::new();
        reader.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "hello");
    }
}
