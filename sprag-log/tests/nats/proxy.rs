//! A connection that a test can cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Passes on all bytes, until the connection is cut.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<ProxyState>,
    accepting: JoinHandle<()>,
}

struct ProxyState {
    wire: watch::Sender<Wire>,
    /// How many bytes towards the server are passed on before all connections are cut.
    budget: AtomicUsize,
    /// How often connections were cut.
    cuts: AtomicUsize,
    /// How many connections there are.
    open: watch::Sender<usize>,
}

/// A connection that counts while it is open.
struct OpenConnection(Arc<ProxyState>);

impl OpenConnection {
    fn new(shared: &Arc<ProxyState>) -> Self {
        shared.open.send_modify(|open| *open += 1);
        Self(Arc::clone(shared))
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wire {
    Whole,
    Cut,
}

impl Proxy {
    /// Listens on a free port, for a server on `port`.
    pub(crate) async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let budget = AtomicUsize::new(usize::MAX);
        let (wire, open) = (watch::Sender::new(Wire::Whole), watch::Sender::new(0));
        let shared = Arc::new(ProxyState { wire, budget, cuts: AtomicUsize::new(0), open });
        let accepting = tokio::spawn(accept(listener, port, Arc::clone(&shared)));
        Self { address, shared, accepting }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Cuts all connections and refuses new ones, or accepts them again.
    pub(crate) fn set(&self, wire: Wire) {
        self.shared.wire.send_replace(wire);
    }

    /// Waits until all connections are closed, after a cut: nothing is passed on then.
    pub(crate) async fn closed(&self) {
        let mut open = self.shared.open.subscribe();
        open.wait_for(|open| *open == 0).await.expect("this proxy has the sender");
    }

    /// Cuts the connection after `bytes` more bytes towards the server, in the middle of a
    /// message.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.shared.budget.store(bytes, Relaxed);
    }

    /// How often a connection was cut in the middle.
    pub(crate) fn cuts(&self) -> usize {
        self.shared.cuts.load(Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(Wire::Cut);
    }
}

async fn accept(listener: TcpListener, port: u16, shared: Arc<ProxyState>) {
    while let Ok((client, _)) = listener.accept().await {
        let connection = OpenConnection::new(&shared);
        if *shared.wire.borrow() == Wire::Cut {
            continue;
        }
        tokio::spawn(async move {
            if let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await {
                pass(client, server, &connection.0).await;
            }
        });
    }
}

/// Passes on until one side ends or the wire is cut.
async fn pass(client: TcpStream, server: TcpStream, shared: &ProxyState) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut wire = shared.wire.subscribe();
    let forth = async {
        let mut bytes = vec![0; 16 << 10];
        while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
            let left = shared.budget.load(Relaxed);
            let passed = count.min(left);
            if to_server.write_all(&bytes[..passed]).await.is_err() {
                return;
            }
            if passed < count {
                shared.budget.store(usize::MAX, Relaxed);
                shared.cuts.fetch_add(1, Relaxed);
                return;
            }
            if left != usize::MAX {
                shared.budget.store(left - passed, Relaxed);
            }
        }
    };
    tokio::select! {
        () = forth => {}
        _ = copy(&mut from_server, &mut to_client) => {}
        _ = wire.wait_for(|wire| *wire == Wire::Cut) => {}
    }
}
