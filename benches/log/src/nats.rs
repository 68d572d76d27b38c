//! NATS JetStream, one server on this machine.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context};
use bench_harness::{Contest, Options, Report, Role};
use futures::StreamExt;
use sprag_log::{Logged, Nats};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::state::{Player, writes};

/// How many writes each batch of one writer makes before it is measured. A process that writes
/// in series pauses the delivery of its own entries, and the other contestants end the series.
const SERIES: u64 = 1_000;

/// A server that ends with the value.
struct Server {
    child: Child,
    address: String,
    _folder: TempDir,
}

impl Server {
    /// `None` where none is installed.
    fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let folder = tempfile::tempdir().ok()?;
        let mut command = Command::new("nats-server");
        command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"]).arg(folder.path());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        Some(Self { child, address: format!("127.0.0.1:{port}"), _folder: folder })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The server may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn run(runtime: &Runtime, options: &Options, report: &mut Report) {
    let Some(server) = Server::start() else {
        println!("skipped: there is no `nats-server`");
        return;
    };
    let first = runtime.block_on(player(&server));
    let bare = runtime.block_on(bare(&server));
    Contest::new("NATS, write of one field", "one writer")
        .add_batches(Role::Floor, "bare publish, acknowledged", |count| {
            runtime.block_on(publish(&bare, SERIES));
            runtime.block_on(publish(&bare, count))
        })
        .add_batches(Role::Sprag, "sprag", |count| {
            writes(runtime, &[&first], 1, SERIES);
            writes(runtime, &[&first], 1, count)
        })
        .add_batches(Role::Peer, "publish with a condition, by a task", |count| {
            runtime.block_on(conditional(&bare, "bare.task", count))
        })
        .add_batches(Role::Peer, "the same beside a consumer of the entries", |count| {
            runtime.block_on(conditional(&bare, "bare.followed", count))
        })
        .run(options, report);
    Contest::new("NATS, write of one field", "100 writers of one process")
        .add_batches(Role::Sprag, "sprag", |count| writes(runtime, &[&first], 100, count))
        .run(options, report);
    // Only now, since another process takes its part of every write on this machine.
    let second = runtime.block_on(player(&server));
    contention(runtime, options, report, [&first, &second]);
}

async fn connected(server: &Server) -> Nats {
    for _ in 0..100 {
        if let Ok(nats) = Nats::connect(server.address.clone()).await {
            return nats;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("the server does not answer at {}", server.address)
}

async fn player(server: &Server) -> Logged<Player> {
    let nats = connected(server).await;
    nats.model("player", Player::of(100_000)).await.expect("the server is there")
}

async fn bare(server: &Server) -> Context {
    let client = async_nats::connect(&server.address).await.expect("the server is there");
    let context = jetstream::new(client);
    let config = jetstream::stream::Config {
        name: "bare".to_owned(),
        subjects: vec!["bare.>".to_owned()],
        ..Default::default()
    };
    let stream = context.create_stream(config).await.expect("JetStream is on");
    let config = OrderedConfig { filter_subject: "bare.followed".into(), ..Default::default() };
    let followed = stream.create_consumer(config).await.expect("JetStream is on");
    let mut followed = followed.messages().await.expect("JetStream is on");
    tokio::spawn(async move { while followed.next().await.is_some() {} });
    context
}

/// The minimal work of a write of a model on a log: a task publishes with the condition
/// that the last entry is its own, and the caller waits for the task.
async fn conditional(context: &Context, subject: &'static str, count: u64) -> Duration {
    let stream = context.get_stream("bare").await.expect("it is there");
    let last = stream.get_last_raw_message_by_subject(subject).await;
    let mut last = last.map_or(0, |message| message.sequence);
    let (calls, mut called) = mpsc::channel::<oneshot::Sender<()>>(1);
    let context = context.clone();
    tokio::spawn(async move {
        while let Some(reply) = called.recv().await {
            let message = PublishMessage::build().payload(vec![b'x'; 200].into());
            let message = message.expected_last_subject_sequence(last);
            let sent = context.send_publish(subject, message).await.expect("sent");
            last = sent.await.expect("acknowledged").sequence;
            reply.send(()).expect("the caller waits");
        }
    });
    let start = Instant::now();
    for _ in 0..count {
        let (reply, answer) = oneshot::channel();
        calls.send(reply).await.expect("the task runs");
        answer.await.expect("the task runs");
    }
    start.elapsed()
}

async fn publish(context: &Context, count: u64) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        let sent = context.publish("bare.log", vec![b'x'; 200].into()).await.expect("sent");
        sent.await.expect("acknowledged");
    }
    start.elapsed()
}

/// Two processes that write at once, each alone, and both.
fn contention(
    runtime: &Runtime,
    options: &Options,
    report: &mut Report,
    [first, second]: [&Logged<Player>; 2],
) {
    Contest::new("NATS, two processes at once", "16 writers each; one write of both")
        .add_batches(Role::Sprag, "sprag", |count| writes(runtime, &[first, second], 32, count))
        .run(options, report);
}
