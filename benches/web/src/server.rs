//! The servers, each a process of its own: a store, and a plain broadcast of the same bytes.

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

/// The two kinds of servers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Store,
    Broadcast,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Broadcast => "broadcast",
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
    /// Starts this program as a server that commits `rate` times a second.
    pub(crate) fn start(kind: Kind, rate: u32) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([kind.name(), &rate.to_string()]).stdout(Stdio::piped());
        let mut child = command.spawn()?;
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

impl Drop for Server {
    fn drop(&mut self) {
        // The server may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves one of the two on a free port, which is printed.
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
