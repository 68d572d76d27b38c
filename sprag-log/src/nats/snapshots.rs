//! Snapshots, stored in parts that a final message, the pointer, names.
//!
//! The newest pointer is the valid one, and not the last: two processes may store a snapshot at
//! once. No message has a condition, since the replicas of a stream can differ after a condition
//! that failed (see `AGREES` in `connecting`).

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
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SnapshotPointer {
    sequence: u64,
    /// Distinguishes two snapshots of one sequence that two processes store at once.
    id: u64,
    parts: usize,
    /// The sequence of the first part's message.
    first: u64,
    /// The sequence of the message that carries this pointer.
    #[serde(skip)]
    at: u64,
}

/// The sequence and the id of a snapshot. Of two snapshots of one sequence, all processes choose
/// the same.
type SnapshotAge = (u64, u64);

impl SnapshotPointer {
    fn age(&self) -> SnapshotAge {
        (self.sequence, self.id)
    }
}

impl Nats {
    pub(super) async fn save(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        let before = newest(self.pointers(name).await?);
        if before.is_some_and(|before| before.sequence >= snapshot.sequence) {
            return Ok(());
        }
        let own = self.publish_parts(name, &snapshot).await?;
        let body = serde_json::to_vec(&own).map_err(|error| away(&error))?;
        self.publish(self.shared.names.pointer(name), body.into()).await?;
        self.drop_covered(name, own.id).await
    }

    /// Publishes the body in messages, and returns their pointer.
    async fn publish_parts(
        &self,
        name: &str,
        snapshot: &Snapshot,
    ) -> Result<SnapshotPointer, ReadError> {
        let (sequence, id) = (snapshot.sequence, fastrand::u64(..));
        let subject = self.shared.names.parts(name, sequence, id);
        let size = self.max_entry().max(1);
        let (mut first, mut parts) = (0, 0);
        for part in snapshot.body.chunks(size) {
            let at = self.publish(subject.clone(), snapshot.body.slice_ref(part)).await?;
            first = if parts == 0 { at } else { first };
            parts += 1;
        }
        Ok(SnapshotPointer { sequence, id, parts, first, at: 0 })
    }

    /// Drops what the newest snapshot covers: the entries before it, and the earlier snapshots, also
    /// those that a process which was killed has stored in part.
    async fn drop_covered(&self, name: &str, own: u64) -> Result<(), ReadError> {
        let pointers = self.pointers(name).await?;
        // A server that lags behind does not know which snapshot is the newest.
        let knows_own = pointers.iter().any(|pointer| pointer.id == own);
        let Some(newest) = newest(pointers).filter(|_| knows_own) else { return Ok(()) };
        let entries = self.shared.entries.purge().filter(self.shared.names.entry(name));
        entries.sequence(newest.sequence).await.map_err(|error| away(&error))?;
        let earlier = self.shared.snapshots.purge().filter(self.shared.names.pointer(name));
        earlier.sequence(newest.at).await.map_err(|error| away(&error))?;
        self.drop_parts_before(name, newest.age()).await
    }

    /// Drops the parts of all snapshots that are older than `age`.
    async fn drop_parts_before(&self, name: &str, age: SnapshotAge) -> Result<(), ReadError> {
        let all = self.shared.names.all_parts(name);
        let parts = self.shared.snapshots.info_with_subjects(all).await;
        let mut parts = parts.map_err(|error| away(&error))?;
        while let Some(found) = parts.next().await {
            let (subject, _) = found.map_err(|error| away(&error))?;
            if parts_age(&subject).is_some_and(|found| found < age) {
                let purge = self.shared.snapshots.purge().filter(subject);
                purge.await.map_err(|error| away(&error))?;
            }
        }
        Ok(())
    }

    pub(super) async fn load(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        let Some(pointer) = newest(self.pointers(name).await?) else { return Ok(None) };
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

    /// The pointers of all snapshots that are stored, in the order of their messages: one, beside
    /// those that processes store at this moment.
    async fn pointers(&self, name: &str) -> Result<Vec<SnapshotPointer>, ReadError> {
        let subject = self.shared.names.pointer(name);
        let (mut pointers, mut after) = (Vec::new(), 0);
        loop {
            let message = self.shared.snapshots.raw_message_builder();
            match message.sequence(after + 1).next_by_subject(&subject).send().await {
                Ok(message) => {
                    after = message.sequence;
                    pointers.push(pointer(&message.payload, after)?);
                }
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => {
                    return Ok(pointers);
                }
                Err(error) => return Err(away(&error)),
            }
        }
    }

    async fn publish(&self, subject: String, payload: Bytes) -> Result<u64, ReadError> {
        let message = PublishMessage::build().payload(payload);
        let sent = self.shared.context.send_publish(subject, message).await;
        let acknowledged = sent.map_err(|error| away(&error))?.await;
        Ok(acknowledged.map_err(|error| away(&error))?.sequence)
    }
}

/// The pointer that the message at `at` carries.
fn pointer(payload: &[u8], at: u64) -> Result<SnapshotPointer, ReadError> {
    let pointer = serde_json::from_slice(payload).map_err(|error| {
        ReadError::Damaged(format!("the message that names the snapshot: {error}"))
    })?;
    Ok(SnapshotPointer { at, ..pointer })
}

/// The pointer of the newest snapshot.
fn newest(pointers: Vec<SnapshotPointer>) -> Option<SnapshotPointer> {
    pointers.into_iter().max_by_key(SnapshotPointer::age)
}

/// The age in a subject of [`parts`](super::Names::parts).
fn parts_age(subject: &str) -> Option<SnapshotAge> {
    let (sequence, id) = subject.rsplit('.').next()?.split_once('-')?;
    Some((sequence.parse().ok()?, u64::from_str_radix(id, 16).ok()?))
}
