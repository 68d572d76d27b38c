//! [`listener`]: connections that close when their reader stops reading.
//!
//! hyper does not poll a body whose socket is full, so no layer and no body can see a
//! reader that stalled. The connection can: a write that has waited for 15 s fails.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// How long a reader may take no byte.
const STALLED: Duration = Duration::from_secs(15);

/// Makes `axum::serve` close the connections of readers that have stalled.
///
/// A connection that takes no byte for 15 s while there is something to send is closed;
/// its client comes back and goes on where it was. Under another listener such a
/// connection stays until TCP gives up, and costs up to 450 kB of this process and the
/// kernel's buffers.
///
/// The kernel's send buffer is the listening socket's: `TcpSocket::set_send_buffer_size`
/// before `listen` bounds what a stalled reader costs there, 64 kB for example.
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

/// What [`listener`] makes.
#[derive(Debug)]
pub struct StallListener(TcpListener);

impl Listener for StallListener {
    type Io = Connection;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Connection, Self::Addr) {
        let (tcp, address) = Listener::accept(&mut self.0).await;
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
    /// Set while a write waits; when it ends, the reader has stalled.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Connection {
    /// Gives on what a write gave, unless it has waited too long.
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
