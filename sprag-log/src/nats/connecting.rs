//! [`Connecting`]: from addresses to streams.

use std::sync::Arc;
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::context::CreateStreamErrorKind::TimedOut;
use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType, Stream};

use super::{Names, Nats, NatsShared, addresses};

/// The oldest server version that sprag is tested with.
const OLDEST: &str = "2.9";
const OLDEST_NUMBER: (u64, u64) = (2, 9);
/// The first version whose replicas agree. In earlier ones a leader may refuse an append that
/// another replica stores (nats-io/nats-server#6194), and a leader that was cut off keeps the
/// appends that were on their way where the others have the entries of the next leader. A cluster
/// of such servers gets every append without a condition, and confirms with its leader each entry
/// that a consumer delivers.
const AGREES: (u64, u64) = (2, 11);
/// How often a stream is requested. A cluster of 2.9 does not reply to some of the processes that
/// create a stream at once.
const ATTEMPTS: usize = 3;

/// A connection before it is made; `.await` connects.
#[derive(Clone, Debug)]
#[must_use = "a connection is made when it is awaited"]
pub struct Connecting {
    addresses: String,
    stream: String,
    replicas: usize,
    timeout: Duration,
}

/// Why the logs could not be reached.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The text is not an address.
    #[error("`{address}` is not an address of a server: {reason}")]
    Address {
        /// The text in the place of the address.
        address: String,
        /// The reason.
        reason: String,
    },
    /// No server responds.
    #[error("no server at `{addresses}` can be reached: {reason}")]
    Unreachable {
        /// The addresses.
        addresses: String,
        /// The client's error.
        reason: String,
    },
    /// The server is older than the versions that sprag is tested with.
    #[error("the server is of version {version}; sprag needs {OLDEST} or a later one")]
    TooOld {
        /// The server's version.
        version: String,
    },
    /// The stream belongs to another program, or has settings that a log cannot have: it drops
    /// messages by itself, is in memory, limits the size of a message, acknowledges none, cannot be
    /// purged, gets messages from other streams, or changes subjects. The stream was not changed.
    #[error("the stream `{stream}` is not a log of sprag: {reason}; use another name")]
    Foreign {
        /// The stream's name.
        stream: String,
        /// The difference from a stream of sprag's.
        reason: String,
    },
    /// The server does not keep streams, or not this one.
    #[error(
        "the server has no stream `{stream}` and cannot create it: {reason}; check that JetStream is on (`nats-server -js`), and that there are enough servers for the replicas"
    )]
    Stream {
        /// The stream's name.
        stream: String,
        /// The server's error.
        reason: String,
    },
}

impl Connecting {
    pub(super) fn new(addresses: String) -> Self {
        Self { addresses, stream: "sprag".into(), replicas: 1, timeout: Duration::from_secs(2) }
    }

    /// Sets the name of the stream, which is created if necessary. The default is `sprag`.
    /// Snapshots are in a second stream, whose name ends in `_SNAPSHOTS`.
    pub fn stream(mut self, stream: impl Into<String>) -> Self {
        self.stream = stream.into();
        self
    }

    /// Sets the number of servers that keep a stream which is created now. The default is
    /// 1.
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// Sets after how long a request without a reply counts as lost. The default is 2 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    pub(super) async fn connect(self) -> Result<Nats, ConnectError> {
        let servers = addresses(&self.addresses)?;
        // After two pings without a reply the client connects to another server.
        let options = ConnectOptions::new()
            .request_timeout(Some(self.timeout))
            .ping_interval(2 * self.timeout);
        let client = options.connect(servers).await.map_err(|error| {
            let (addresses, reason) = (self.addresses.clone(), error.to_string());
            ConnectError::Unreachable { addresses, reason }
        })?;
        let version = client.server_info().version;
        let number = number(&version);
        if number < OLDEST_NUMBER {
            return Err(ConnectError::TooOld { version });
        }
        let builder = ContextBuilder::new().timeout(self.timeout).ack_timeout(self.timeout);
        let context = builder.build(client.clone());
        let names = Names { stream: self.stream.clone() };
        let mut replicas = 1;
        for (stream, subject) in [
            (names.stream.clone(), format!("{}.log.*", names.stream)),
            (names.snapshots(), format!("{}.>", names.snapshots())),
        ] {
            let made = made(&context, self.config(&stream, subject.clone())).await?;
            let config = &made.cached_info().config;
            if let Some(reason) = foreign(config, &subject) {
                return Err(ConnectError::Foreign { stream, reason });
            }
            replicas = replicas.max(config.num_replicas);
        }
        let entries = context.get_stream_no_info(&names.stream).await;
        let entries = entries.map_err(|error| unmade(&names.stream, &error))?;
        let snapshots = context.get_stream_no_info(names.snapshots()).await;
        let snapshots = snapshots.map_err(|error| unmade(&names.snapshots(), &error))?;
        let (agrees, timeout) = (agrees(replicas, number), self.timeout);
        Ok(Nats {
            shared: Arc::new(NatsShared {
                client,
                context,
                entries,
                snapshots,
                names,
                agrees,
                timeout,
            }),
        })
    }

    fn config(&self, stream: &str, subject: String) -> Config {
        Config {
            name: stream.to_owned(),
            subjects: vec![subject],
            num_replicas: self.replicas,
            // The storage is a file.
            ..Config::default()
        }
    }
}

/// The stream of `config`, which is created if necessary.
async fn made(context: &Context, config: Config) -> Result<Stream, ConnectError> {
    let mut attempt = 1;
    loop {
        match context.get_or_create_stream(config.clone()).await {
            Ok(made) => return Ok(made),
            Err(error) if error.kind() == TimedOut && attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(unmade(&config.name, &error)),
        }
    }
}

/// The first difference between a stream and those that this module creates.
fn foreign(config: &Config, subject: &str) -> Option<String> {
    let bounds = (config.max_messages, config.max_bytes, config.max_messages_per_subject);
    let is_copied = config.mirror.is_some() || config.sources.is_some();
    if is_copied {
        return Some("it gets messages from other streams".to_owned());
    }
    if config.subject_transform.is_some() {
        return Some("it changes the subjects of messages".to_owned());
    }
    if config.subjects != [subject] {
        return Some(format!("its subjects are {:?}", config.subjects));
    }
    let is_bounded = bounds.0 > 0 || bounds.1 > 0 || bounds.2 > 0 || !config.max_age.is_zero();
    let reason = match config {
        _ if is_bounded || config.retention != RetentionPolicy::Limits => {
            "it drops messages by itself"
        }
        _ if config.storage == StorageType::Memory => "it is in memory, and not on a disk",
        _ if config.max_message_size > 0 => "it limits the size of a message",
        _ if config.no_ack => "it acknowledges no message",
        _ if config.sealed || config.deny_purge => "it does not drop what a snapshot covers",
        _ => return None,
    };
    Some(reason.to_owned())
}

/// Whether all replicas of a stream have the same entries, by their number and the servers'
/// version.
fn agrees(replicas: usize, version: (u64, u64)) -> bool {
    replicas == 1 || version >= AGREES
}

/// The major and the minor version. A server without a version is built from a branch, which
/// counts as the newest.
fn number(version: &str) -> (u64, u64) {
    let mut parts = version.split(['.', '-']).map_while(|part| part.parse::<u64>().ok());
    match (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) {
        (0, 0) => (u64::MAX, 0),
        number => number,
    }
}

fn unmade(stream: &str, error: &dyn std::error::Error) -> ConnectError {
    let mut reason = error.to_string();
    if let Some(source) = error.source() {
        reason = format!("{reason}: {source}");
    }
    ConnectError::Stream { stream: stream.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream::stream::{Source, SubjectTransform};

    use super::*;

    const SUBJECT: &str = "sprag.log.*";

    fn own() -> Config {
        Connecting::new("localhost".into()).replicas(3).config("sprag", SUBJECT.into())
    }

    #[test]
    fn l7_a_stream_of_a_log_has_the_settings_that_a_log_needs() {
        let config = own();
        assert_eq!((&*config.name, config.num_replicas), ("sprag", 3));
        assert_eq!(config.storage, StorageType::File);
        assert_eq!(foreign(&config, SUBJECT), None);
    }

    #[test]
    fn l7_each_setting_that_a_log_cannot_have_is_named() {
        let reason = |config: Config| foreign(&config, SUBJECT).expect("it is foreign");
        let other = || Source { name: "other".into(), ..Source::default() };
        let second = Duration::from_secs(1);
        let moved = SubjectTransform { source: "a".into(), destination: "b".into() };
        for (config, part) in [
            (Config { mirror: Some(other()), ..own() }, "from other streams"),
            (Config { sources: Some(vec![other()]), ..own() }, "from other streams"),
            (Config { subject_transform: Some(moved), ..own() }, "changes the subjects"),
            (Config { subjects: vec!["orders.>".into()], ..own() }, "orders.>"),
            (Config { max_messages: 1, ..own() }, "drops messages"),
            (Config { max_bytes: 1, ..own() }, "drops messages"),
            (Config { max_messages_per_subject: 1, ..own() }, "drops messages"),
            (Config { max_age: second, ..own() }, "drops messages"),
            (Config { retention: RetentionPolicy::Interest, ..own() }, "drops messages"),
            (Config { storage: StorageType::Memory, ..own() }, "in memory"),
            (Config { max_message_size: 1, ..own() }, "limits the size"),
            (Config { no_ack: true, ..own() }, "acknowledges no message"),
            (Config { sealed: true, ..own() }, "does not drop"),
            (Config { deny_purge: true, ..own() }, "does not drop"),
        ] {
            let reason = reason(config);
            assert!(reason.contains(part), "{reason}");
        }
        let unlimited = Config { max_messages: -1, max_bytes: -1, max_message_size: -1, ..own() };
        assert_eq!(foreign(&unlimited, SUBJECT), None);
    }

    #[test]
    fn l7_versions_are_compared_by_their_first_two_numbers() {
        assert_eq!(number("2.10.29"), (2, 10));
        assert_eq!(number("2.11-RC.1"), (2, 11));
        assert_eq!(number("3"), (3, 0));
        assert!(number("2.9.25") >= OLDEST_NUMBER && number("2.8.4") < OLDEST_NUMBER);
        assert!(agrees(3, number("2.11.0")) && !agrees(3, number("2.10.29")));
        assert!(agrees(1, number("2.10.29")));
        for branch in ["", "main", "0.0.0-dev"] {
            assert!(number(branch) > AGREES, "`{branch}` counts as the newest");
        }
    }

    #[test]
    fn an_error_of_a_stream_says_what_caused_it() {
        let cause = std::io::Error::other("no disk");
        let error = async_nats::error::Error::with_source(TimedOut, cause);
        let said = unmade("sprag", &error).to_string();
        assert!(said.contains("`sprag`") && said.contains("no disk"), "{said}");
        let said = unmade("sprag", &std::io::Error::other("alone")).to_string();
        assert!(said.contains("alone;"), "{said}");
    }
}
