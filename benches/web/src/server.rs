//! The servers, each a process of its own: a store, a plain broadcast of the same bytes, and
//! peers of other projects.

use std::convert::Infallible;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use futures::stream::unfold;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_web::{Stores, store};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::{IDLE, now};

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Clock {
    at: u64,
}

/// The kinds of servers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Store,
    Broadcast,
    Peer(Peer),
}

/// A server of another project, in `peers/`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Peer {
    Ws,
    SocketIo,
}

impl Peer {
    /// The peers that this machine can run.
    pub(crate) fn all() -> Vec<Self> {
        let installed = Command::new("npm").args(["ci", "--silent"]).current_dir(PEERS).status();
        if installed.is_ok_and(|status| status.success()) {
            return vec![Self::Ws, Self::SocketIo];
        }
        eprintln!("skipped: the peers need Node.js and the packages of {PEERS}");
        Vec::new()
    }

    fn script(self) -> &'static str {
        match self {
            Self::Ws => "ws.mjs",
            Self::SocketIo => "socketio.mjs",
        }
    }
}

/// The folder of the peers' programs.
const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Broadcast => "broadcast",
            Self::Peer(Peer::Ws) => "ws on Node",
            Self::Peer(Peer::SocketIo) => "socket.io on Node",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Store, Self::Broadcast].into_iter().find(|kind| kind.name() == name)
    }
}

/// A server that ends with the value.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts a server that commits `rate` times a second.
    pub(crate) fn start(kind: Kind, rate: u32) -> io::Result<Self> {
        let mut command = command(kind)?;
        command.arg(rate.to_string()).arg(IDLE.as_millis().to_string());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().expect("the output is a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let port = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { child, port })
    }

    /// The resident memory in bytes.
    pub(crate) fn memory(&self) -> io::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let size = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        Ok(1024 * size.ok_or_else(|| io::Error::other("the system shows no memory"))?)
    }
}

/// The program of a server: this one, or a peer's.
fn command(kind: Kind) -> io::Result<Command> {
    let Kind::Peer(peer) = kind else {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(kind.name());
        return Ok(command);
    };
    let mut command = Command::new("node");
    command.arg(peer.script()).current_dir(PEERS);
    Ok(command)
}

impl Drop for Server {
    fn drop(&mut self) {
        // The server may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves a store or a broadcast on a free port, which is printed.
pub(crate) async fn serve(kind: Kind, rate: u32) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    match kind {
        Kind::Store => {
            let clock = store("clock", Clock::default());
            let app = Router::new().nest("/sprag", Stores::new().add(&clock).router());
            tokio::spawn(commit(rate, move |_| {
                clock.set(Clock::PATHS.at, now());
            }));
            axum::serve(listener, app).await
        }
        Kind::Broadcast => {
            let (sender, _) = broadcast::channel::<Bytes>(4_096);
            let frames = sender.clone();
            let live = get(move || plain(frames.subscribe()));
            let app = Router::new().route("/sprag/live", live);
            tokio::spawn(commit(rate, move |version| {
                // Frames without a reader are lost.
                let _ = sender.send(frame(version));
            }));
            axum::serve(listener, app).await
        }
        Kind::Peer(_) => Err(io::Error::other("a peer is a program of its own")),
    }
}

/// Calls `write` with 0, 1, 2 …, `rate` times a second, after the idle time.
async fn commit(rate: u32, write: impl Fn(u64)) {
    sleep(IDLE).await;
    let mut ticks = interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for version in 0.. {
        ticks.tick().await;
        write(version);
    }
}

/// The bytes that a store sends of the same commit.
fn frame(from: u64) -> Bytes {
    let (to, epoch) = (from + 1, "0123456789abcdef0123456789abcdef");
    format!(
        "id: clock@{epoch}.{to}\nevent: change\ndata: {{\"s\":\"clock\",\"from\":{from},\"to\":{to},\
         \"ops\":[[\"=\",[\"at\"],{}]]}}\n\n",
        now()
    )
    .into()
}

async fn plain(frames: broadcast::Receiver<Bytes>) -> impl IntoResponse {
    let greeting = Bytes::from_static(b": a plain broadcast\n\n");
    let frames = unfold((Some(greeting), frames), |(greeting, mut frames)| async move {
        let frame = match greeting {
            Some(greeting) => greeting,
            None => frames.recv().await.ok()?,
        };
        Some((Ok::<_, Infallible>(frame), (None, frames)))
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(frames))
}
