//! [`NatsFollower`]: the entries of a subject, read by an ordered consumer.

use std::fmt;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig, OrderedError};
use async_nats::jetstream::stream::Stream;
use futures_util::{FutureExt, StreamExt};
use tokio::time::timeout;

use super::confirming::confirmed;
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
    async fn messages(&mut self) -> Result<Ordered, ReadError> {
        match self.messages.take() {
            Some(messages) => Ok(messages),
            None => ordered(&self.nats.shared.entries, &self.subject, self.after).await,
        }
    }
}

impl Follow for NatsFollower {
    async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
        // A call that fails or is cancelled leaves no consumer, so that the next call starts one
        // after the entries that were returned.
        let mut messages = self.messages().await?;
        let (delivered, is_open) = delivered(&mut messages).await?;
        let confirmed = self.nats.confirmed(&self.subject, self.after, delivered).await?;
        let (entries, are_all) = confirmed;
        let Some(last) = entries.last() else {
            let reason = "a server delivers an entry that the leader of its cluster does not have";
            return Err(ReadError::Unavailable(reason.to_owned()));
        };
        self.after = last.sequence;
        self.messages = Some(messages).filter(|_| is_open && are_all);
        Ok(entries)
    }
}

/// The next entry of a consumer with those behind it that have arrived, and whether the consumer
/// goes on.
async fn delivered(messages: &mut Ordered) -> Result<(Vec<Stored>, bool), ReadError> {
    let mut entries = match messages.next().await {
        Some(message) => vec![stored(message)?],
        None => return Err(ReadError::Unavailable("the consumer ended".to_owned())),
    };
    while entries.len() < BATCH
        && let Some(next) = messages.next().now_or_never()
    {
        let Some(message @ Ok(_)) = next else { return Ok((entries, false)) };
        entries.push(stored(message)?);
    }
    Ok((entries, true))
}

impl Nats {
    /// `delivered`, as the leader of the servers has these entries after `after`; and whether they
    /// are all as they were delivered.
    async fn confirmed(
        &self,
        subject: &str,
        after: u64,
        delivered: Vec<Stored>,
    ) -> Result<(Vec<Stored>, bool), ReadError> {
        if self.shared.agrees {
            return Ok((delivered, true));
        }
        let entries = confirmed(after, &delivered, |after| self.next(subject, after)).await?;
        let are_all = entries == delivered;
        Ok((entries, are_all))
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
            let stored = stored(message)?;
            (seen, bytes) = (stored.sequence, bytes + stored.entry.len());
            entries.push(stored);
        }
        Ok(self.confirmed(subject, after, entries).await?.0)
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

fn stored(message: Result<Message, OrderedError>) -> Result<Stored, ReadError> {
    let message = message.map_err(|error| away(&error))?;
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
