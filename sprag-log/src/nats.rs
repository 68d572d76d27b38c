//! [`Nats`]: logs on NATS JetStream.
//!
//! All logs are subjects of one stream. Which appends the server's compare-and-set accepts
//! does not decide which entries count (see [`Log::append`]), and the replicas of a cluster of
//! servers before 2.11 may differ (see `AGREES` in `connecting`). Message ids are not used.

mod confirming;
mod connecting;
mod follower;
mod snapshots;

use std::fmt;
use std::future::{IntoFuture, ready};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::connection::State as Connection;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ServerAddr};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::path::State;
use sprag_runtime::{Bus, Event};

pub use self::connecting::{ConnectError, Connecting};
pub use self::follower::NatsFollower;
use crate::backend::{Log, Page, Snapshot, Stored};
use crate::bridge::{Bridging, bridge};
use crate::error::{AppendError, ReadError};
use crate::opening::{Opening, open};

/// How many entries a reader requests one by one before it requests them in bulk.
const ONE_BY_ONE: usize = 8;
/// The maximal size of a message besides its payload.
const HEADERS: usize = 1_024;

/// Logs on NATS JetStream, which keep the same state in processes on many machines.
///
/// Cloning a `Nats` is cheap. Each process has a connection of its own; the server, or a
/// cluster of three servers, keeps the entries.
///
/// The server determines which failures an acknowledged entry survives: with three
/// replicas, a majority of them has the entry in memory, and writes it to disk at its
/// `sync_interval`.
#[derive(Clone)]
pub struct Nats {
    shared: Arc<NatsShared>,
}

struct NatsShared {
    client: Client,
    context: Context,
    entries: Stream<()>,
    snapshots: Stream<()>,
    names: Names,
    /// Whether the servers' replicas agree: then an append has a condition, the last sequence that
    /// this process has seen, and the entries of each replica are those of the leader.
    agrees: bool,
    /// After how long a message that should be there counts as missing.
    timeout: Duration,
}

/// The names of a stream and of its subjects.
#[derive(Clone, Debug)]
struct Names {
    stream: String,
}

impl Names {
    fn snapshots(&self) -> String {
        format!("{}_SNAPSHOTS", self.stream)
    }

    /// The subject of a log's entries.
    fn entry(&self, name: &str) -> String {
        format!("{}.log.{}", self.stream, token(name))
    }

    /// The subject of the messages of a log that no stream keeps.
    fn notices(&self, name: &str) -> String {
        format!("{}.notices.{}", self.stream, token(name))
    }

    /// The subject of the messages that name a log's snapshots.
    fn pointer(&self, name: &str) -> String {
        format!("{}_SNAPSHOTS.latest.{}", self.stream, token(name))
    }

    /// The subjects of the parts of all snapshots of a log.
    fn all_parts(&self, name: &str) -> String {
        format!("{}_SNAPSHOTS.parts.{}.*", self.stream, token(name))
    }

    /// The subject of the parts of one snapshot.
    fn parts(&self, name: &str, sequence: u64, id: u64) -> String {
        format!("{}_SNAPSHOTS.parts.{}.{sequence}-{id:x}", self.stream, token(name))
    }
}

/// `name` as one token of a subject.
fn token(name: &str) -> String {
    let mut token = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => token.push(byte.into()),
            _ => token.push_str(&format!("={byte:02x}")),
        }
    }
    token
}

impl Nats {
    /// Connects to the servers at `addresses`, which are separated by commas.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), sprag_log::ConnectError> {
    /// let log = sprag_log::Nats::connect("127.0.0.1:4222,127.0.0.1:4223").replicas(3).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect(addresses: impl Into<String>) -> Connecting {
        Connecting::new(addresses.into())
    }

    /// Opens a model on the log `name`; `.await` recovers the model.
    ///
    /// # Panics
    ///
    /// When `name` is empty.
    pub fn model<T>(&self, name: impl Into<Arc<str>>, initial: T) -> Opening<Self, T>
    where
        T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    {
        open(Arc::new(self.clone()), name, initial)
    }

    /// Carries events between the buses of all processes; see [`bridge`](crate::bridge()).
    pub fn bridge<E: Event>(&self, bus: &Bus) -> Bridging<Self, E> {
        bridge(Arc::new(self.clone()), bus)
    }

    fn is_connected(&self) -> bool {
        self.shared.client.connection_state() == Connection::Connected
    }

    /// Publishes `entry`, on the condition that the log's last sequence is `last`, if that is given.
    async fn publish_entry(
        &self,
        name: &str,
        last: Option<u64>,
        entry: Bytes,
    ) -> Result<u64, AppendError> {
        if !self.is_connected() {
            return Err(AppendError::Unavailable("no server is connected".to_owned()));
        }
        let bytes = entry.len();
        let stream = self.shared.names.stream.clone();
        let mut message = PublishMessage::build().payload(entry).expected_stream(stream);
        if let Some(last) = last {
            message = message.expected_last_subject_sequence(last);
        }
        let subject = self.shared.names.entry(name);
        match self.shared.context.send_publish(subject, message).await {
            Ok(acknowledgement) => match acknowledgement.await {
                Ok(acknowledgement) => Ok(acknowledgement.sequence),
                Err(error) => Err(refused(&error, bytes, self.max_entry())),
            },
            Err(error) => Err(refused(&error, bytes, self.max_entry())),
        }
    }

    /// The first entry after the sequence `after`, which the leader of the servers has; `None` if it
    /// has none.
    async fn next(&self, subject: &str, after: u64) -> Result<Option<Stored>, ReadError> {
        let message = self.shared.entries.raw_message_builder();
        let message = message.sequence(after + 1).next_by_subject(subject).send().await;
        match message {
            Ok(message) => Ok(Some(Stored { sequence: message.sequence, entry: message.payload })),
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(away(&error)),
        }
    }

    /// The last sequence of a log that has entries. If they were purged since, this read fails, and
    /// the next one finds none.
    async fn last(&self, subject: &str) -> Result<u64, ReadError> {
        let message = self.shared.entries.raw_message_builder();
        let last = message.last_by_subject(subject).send().await;
        Ok(last.map_err(|error| away(&error))?.sequence)
    }
}

impl Log for Nats {
    type Follower = NatsFollower;

    async fn append(&self, name: &str, last: u64, entry: Bytes) -> Result<u64, AppendError> {
        self.publish_entry(name, Some(last).filter(|_| self.shared.agrees), entry).await
    }

    async fn append_last(&self, name: &str, _: u64, entry: Bytes) -> Result<u64, AppendError> {
        self.publish_entry(name, None, entry).await
    }

    async fn read(&self, name: &str, after: u64) -> Result<Page, ReadError> {
        let subject = self.shared.names.entry(name);
        let mut page = Page::default();
        let mut seen = after;
        while page.entries.len() < ONE_BY_ONE {
            let Some(stored) = self.next(&subject, seen).await? else {
                page.is_last = true;
                return Ok(page);
            };
            seen = stored.sequence;
            page.entries.push(stored);
        }
        let last = self.last(&subject).await?;
        page.entries.append(&mut self.bulk(&subject, seen, last).await?);
        page.is_last = page.entries.last().is_some_and(|stored| stored.sequence >= last);
        Ok(page)
    }

    fn follow(&self, name: &str, after: u64) -> NatsFollower {
        NatsFollower::new(self.clone(), self.shared.names.entry(name), after)
    }

    async fn save_snapshot(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        self.save(name, snapshot).await
    }

    async fn load_snapshot(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        self.load(name).await
    }

    fn notify(&self, name: &str, message: Bytes) {
        let sent = self.shared.client.publish(self.shared.names.notices(name), message);
        // A connection whose queue is full loses the message.
        let _ = sent.now_or_never();
    }

    fn notices(&self, name: &str) -> BoxStream<'static, Bytes> {
        let (client, subject) = (self.shared.client.clone(), self.shared.names.notices(name));
        let subscribed = async move { client.subscribe(subject).await };
        let messages = subscribed.into_stream().filter_map(|made| ready(made.ok())).flatten();
        messages.map(|message| message.payload).boxed()
    }

    fn connects(&self) -> u64 {
        self.shared.client.statistics().connects.load(Ordering::Relaxed)
    }

    fn max_entry(&self) -> usize {
        self.shared.client.max_payload().saturating_sub(HEADERS)
    }
}

/// Why an append failed. The outcome of every append that may have reached the server is
/// unknown.
fn refused(error: &jetstream::context::PublishError, bytes: usize, limit: usize) -> AppendError {
    match error.kind() {
        PublishErrorKind::WrongLastSequence => AppendError::Conflict,
        PublishErrorKind::MaxPayloadExceeded => AppendError::TooLarge { bytes, limit },
        _ if code(error) == Some(CONFLICT_IN_CLUSTER) => AppendError::Conflict,
        // No server took the message.
        PublishErrorKind::StreamNotFound => AppendError::Unavailable(error.to_string()),
        _ => AppendError::Unknown(error.to_string()),
    }
}

/// The error code for most conflicts in a cluster, for which the client has no name.
const CONFLICT_IN_CLUSTER: u64 = 10_164;

fn code(error: &jetstream::context::PublishError) -> Option<u64> {
    let source = std::error::Error::source(error)?;
    Some(source.downcast_ref::<jetstream::Error>()?.error_code().0)
}

/// The error of a failed request; every one may succeed later.
fn away(error: &impl fmt::Display) -> ReadError {
    ReadError::Unavailable(error.to_string())
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nats").field("stream", &self.shared.names.stream).finish_non_exhaustive()
    }
}

impl IntoFuture for Connecting {
    type Output = Result<Nats, ConnectError>;
    type IntoFuture = futures_util::future::BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.connect())
    }
}

/// The addresses in `text`, separated by commas.
fn addresses(text: &str) -> Result<Vec<ServerAddr>, ConnectError> {
    let parse = |address: &str| {
        let parsed = address.trim().parse::<ServerAddr>();
        parsed.map_err(|error| ConnectError::Address {
            address: address.to_owned(),
            reason: error.to_string(),
        })
    };
    text.split(',').map(parse).collect()
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream::context::PublishError;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_log_and_each_snapshot_has_a_subject_of_its_own() {
        let names = Names { stream: "sprag".into() };
        assert_eq!(names.entry("rooms"), "sprag.log.rooms");
        assert_eq!(names.notices("rooms"), "sprag.notices.rooms");
        assert_eq!(names.snapshots(), "sprag_SNAPSHOTS");
        assert_eq!(names.pointer("rooms"), "sprag_SNAPSHOTS.latest.rooms");
        assert_eq!(names.parts("rooms", 7, 255), "sprag_SNAPSHOTS.parts.rooms.7-ff");
        assert_eq!(names.entry("aZ09-_"), "sprag.log.aZ09-_");
        assert_eq!(names.entry("a.b*>=é "), "sprag.log.a=2eb=2a=3e=3d=c3=a9=20");
    }

    #[test]
    fn addresses_are_separated_by_commas() {
        let hosts = |text: &str| {
            let hosts = addresses(text).expect("addresses");
            hosts.iter().map(|address| address.port()).collect::<Vec<_>>()
        };
        assert_eq!(hosts("127.0.0.1:4001, localhost:4002"), [4001, 4002]);
        let refused = addresses("127.0.0.1:4001,not an address").expect_err("no address");
        assert!(refused.to_string().contains("`not an address`"), "{refused}");
    }

    /// The error of a server that refuses an append with `code`.
    fn of_server(code: u64) -> PublishError {
        let error = json!({ "code": 400, "err_code": code, "description": "refused" });
        let error: jetstream::Error = serde_json::from_value(error).expect("as servers send it");
        PublishError::with_source(PublishErrorKind::Other, error)
    }

    #[test]
    fn l2_an_append_is_refused_or_unknown_by_the_server_s_error() {
        let refused = |error: &PublishError| refused(error, 70, 60);
        let of = |kind: PublishErrorKind| refused(&PublishError::new(kind));
        assert!(matches!(of(PublishErrorKind::WrongLastSequence), AppendError::Conflict));
        assert!(matches!(refused(&of_server(10_164)), AppendError::Conflict));
        assert!(matches!(of(PublishErrorKind::StreamNotFound), AppendError::Unavailable(_)));
        assert!(matches!(
            of(PublishErrorKind::MaxPayloadExceeded),
            AppendError::TooLarge { bytes: 70, limit: 60 }
        ));
        for unknown in [refused(&of_server(10_077)), of(PublishErrorKind::TimedOut)] {
            assert!(matches!(unknown, AppendError::Unknown(_)), "{unknown}");
        }
    }
}
