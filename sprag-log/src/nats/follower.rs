//! [`NatsFollower`]: the entries of a subject, read by an ordered consumer.

use std::fmt;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig, OrderedError};
use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use tokio::time::timeout;

use super::{Nats, away};
use crate::backend::{Follow, Stored};
use crate::error::ReadError;

/// The maximal number of entries of one fetch.
const BATCH: usize = 256;
/// The size of a page in bytes, about.
const PAGE: usize = 4 << 20;

/// Follows the entries of one log.
pub struct NatsFollower {
    nats: Nats,
    subject: String,
    after: u64,
    messages: Option<Ordered>,
}

impl NatsFollower {
    pub(super) fn new(nats: Nats, subject: String, after: u64) -> Self {
        Self { nats, subject, after, messages: None }
    }

    /// The messages from the next entry on, from the present consumer or a new one.
    async fn messages(&mut self) -> Result<&mut Ordered, ReadError> {
        let messages = match self.messages.take() {
            Some(messages) => messages,
            None => ordered(&self.nats.shared.entries, &self.subject, self.after).await?,
        };
        Ok(self.messages.insert(messages))
    }
}

impl Follow for NatsFollower {
    async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
        let messages = self.messages().await?;
        let mut next = messages.next().await;
        let mut entries = Vec::new();
        loop {
            match next {
                Some(Ok(message)) => entries.push(stored(&message)?),
                ended => {
                    // The next call starts a new consumer, after the entries that came.
                    self.messages = None;
                    if entries.is_empty() {
                        return Err(reason(ended));
                    }
                    break;
                }
            }
            let Some(messages) = self.messages.as_mut().filter(|_| entries.len() < BATCH) else {
                break;
            };
            match messages.next().now_or_never() {
                Some(more) => next = more,
                None => break,
            }
        }
        let delivered = entries.len();
        let confirmed = self.nats.confirmed(entries).await;
        if !confirmed.as_ref().is_ok_and(|entries| entries.len() == delivered) {
            self.messages = None;
        }
        let entries = confirmed?;
        self.after = entries.last().map_or(self.after, |stored| stored.sequence);
        Ok(entries)
    }
}

/// Why a consumer brings no more messages.
fn reason(ended: Option<Result<Message, OrderedError>>) -> ReadError {
    match ended {
        Some(Err(error)) => away(&error),
        _ => ReadError::Unavailable("the consumer ended".to_owned()),
    }
}

impl Nats {
    /// The delivered entries before the first one that the leader does not have. A consumer reads
    /// the replica of its own server, which may differ from that of the leader.
    async fn confirmed(&self, mut entries: Vec<Stored>) -> Result<Vec<Stored>, ReadError> {
        if self.shared.agrees || entries.is_empty() {
            return Ok(entries);
        }
        let are_there = join_all(entries.iter().map(|stored| self.has(stored))).await;
        let mut count = 0;
        for is_there in are_there {
            if !is_there? {
                break;
            }
            count += 1;
        }
        if count == 0 {
            let reason = "a server delivers an entry that the leader of its cluster does not have";
            return Err(ReadError::Unavailable(reason.to_owned()));
        }
        entries.truncate(count);
        Ok(entries)
    }

    /// Whether the leader has this entry.
    async fn has(&self, stored: &Stored) -> Result<bool, ReadError> {
        let message = self.shared.entries.raw_message_builder();
        match message.sequence(stored.sequence).send().await {
            Ok(message) => Ok(message.payload == stored.entry),
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(false),
            Err(error) => Err(away(&error)),
        }
    }

    /// The entries after `after` up to `last`, up to the size of a page.
    pub(super) async fn bulk(
        &self,
        subject: &str,
        after: u64,
        last: u64,
    ) -> Result<Vec<Stored>, ReadError> {
        let (mut entries, mut bytes, mut seen) = (Vec::new(), 0, after);
        if seen >= last {
            return Ok(entries);
        }
        let mut messages = ordered(&self.shared.entries, subject, after).await?;
        while seen < last && bytes < PAGE {
            // A snapshot of another process may drop the last entry during the read.
            let next = timeout(self.shared.timeout, messages.next()).await;
            let Ok(Some(message)) = next else { break };
            let stored = stored(&message.map_err(|error| away(&error))?)?;
            (seen, bytes) = (stored.sequence, bytes + stored.entry.len());
            entries.push(stored);
        }
        self.confirmed(entries).await
    }
}

/// An ordered consumer of `subject`, from the message after `after` on.
pub(super) async fn ordered(
    stream: &Stream<()>,
    subject: &str,
    after: u64,
) -> Result<Ordered, ReadError> {
    let config = OrderedConfig {
        filter_subject: subject.to_owned(),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
        ..OrderedConfig::default()
    };
    let consumer = stream.create_consumer(config).await.map_err(|error| away(&error))?;
    consumer.messages().await.map_err(|error| away(&error))
}

fn stored(message: &Message) -> Result<Stored, ReadError> {
    let info = message.info().map_err(|error| away(&error))?;
    Ok(Stored { sequence: info.stream_sequence, entry: message.payload.clone() })
}

impl fmt::Debug for NatsFollower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, after, .. } = self;
        f.debug_struct("NatsFollower")
            .field("subject", subject)
            .field("after", after)
            .finish_non_exhaustive()
    }
}
