//! Snapshots, stored in parts that a final message names.

use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::RawMessageErrorKind;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::follower::ordered;
use super::{Nats, away};
use crate::backend::{Log, Snapshot};
use crate::error::ReadError;

/// The message that names a snapshot.
#[derive(Debug, Serialize, Deserialize)]
struct SnapshotPointer {
    sequence: u64,
    /// Distinguishes two snapshots of one sequence that two processes store at once.
    id: u64,
    parts: usize,
    /// The sequence of the first part's message.
    first: u64,
}

impl Nats {
    pub(super) async fn save(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        let latest = self.pointer(name).await?;
        let (before, last) = latest.map_or((None, 0), |(pointer, last)| (Some(pointer), last));
        if before.as_ref().is_some_and(|before| before.sequence >= snapshot.sequence) {
            return Ok(());
        }
        let id = fastrand::u64(..);
        let subject = self.shared.names.parts(name, snapshot.sequence, id);
        let size = self.max_entry().max(1);
        let parts: Vec<Bytes> =
            snapshot.body.chunks(size).map(|part| snapshot.body.slice_ref(part)).collect();
        let (mut first, count) = (0, parts.len());
        for (index, part) in parts.into_iter().enumerate() {
            let sequence =
                self.publish(subject.clone(), PublishMessage::build().payload(part)).await?;
            first = if index == 0 { sequence } else { first };
        }
        let pointer = SnapshotPointer { sequence: snapshot.sequence, id, parts: count, first };
        let body = serde_json::to_vec(&pointer).map_err(|error| away(&error))?;
        let message =
            PublishMessage::build().payload(body.into()).expected_last_subject_sequence(last);
        self.publish(self.shared.names.pointer(name), message).await?;
        self.drop_covered(name, snapshot.sequence, before).await
    }

    /// Drops the entries before `sequence`, and the earlier snapshot.
    async fn drop_covered(
        &self,
        name: &str,
        sequence: u64,
        before: Option<SnapshotPointer>,
    ) -> Result<(), ReadError> {
        let entries = self.shared.entries.purge().filter(self.shared.names.entry(name));
        entries.sequence(sequence).await.map_err(|error| away(&error))?;
        if let Some(before) = before {
            let parts = self.shared.names.parts(name, before.sequence, before.id);
            let purge = self.shared.snapshots.purge().filter(parts);
            purge.await.map_err(|error| away(&error))?;
        }
        Ok(())
    }

    pub(super) async fn load(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        let Some((pointer, _)) = self.pointer(name).await? else { return Ok(None) };
        let subject = self.shared.names.parts(name, pointer.sequence, pointer.id);
        let mut body = BytesMut::new();
        if pointer.parts > 0 {
            let from = pointer.first.saturating_sub(1);
            let mut messages = ordered(&self.shared.snapshots, &subject, from).await?;
            for _ in 0..pointer.parts {
                // A process that stores the next snapshot drops the parts of this one.
                let message = timeout(self.shared.timeout, messages.next()).await;
                let gone = || ReadError::Unavailable("a part of the snapshot is gone".to_owned());
                let message = message.ok().flatten().ok_or_else(gone)?;
                let message = message.map_err(|error| away(&error))?;
                body.extend_from_slice(&message.payload);
            }
        }
        Ok(Some(Snapshot { sequence: pointer.sequence, body: body.freeze() }))
    }

    /// The latest pointer, and the sequence of its message.
    async fn pointer(&self, name: &str) -> Result<Option<(SnapshotPointer, u64)>, ReadError> {
        let message = self.shared.snapshots.raw_message_builder();
        let subject = self.shared.names.pointer(name);
        match message.last_by_subject(subject).send().await {
            Ok(message) => match serde_json::from_slice(&message.payload) {
                Ok(pointer) => Ok(Some((pointer, message.sequence))),
                Err(error) => {
                    Err(ReadError::Damaged(format!("the message that names the snapshot: {error}")))
                }
            },
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(away(&error)),
        }
    }

    async fn publish(&self, subject: String, message: PublishMessage) -> Result<u64, ReadError> {
        let sent = self.shared.context.send_publish(subject, message).await;
        let acknowledged = sent.map_err(|error| away(&error))?.await;
        Ok(acknowledged.map_err(|error| away(&error))?.sequence)
    }
}
