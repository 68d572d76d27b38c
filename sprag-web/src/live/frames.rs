//! [`Channel`]: the frames for the followers of one state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::value::RawValue;
use sprag_runtime::path::Address;

use crate::live::ring::{Next, Ring, RingFrame};
use crate::live::stream_signal::Followers;
use crate::writes::answer::Answer;

/// The default for how many bytes of commits are kept for connections that come back.
const KEPT: usize = 1024 * 1024;

/// The commits of one state, serialised once for all followers.
pub(crate) struct Channel {
    /// The store's name on the wire.
    name: Box<str>,
    /// The store's instance; it changes when the server restarts.
    epoch: Arc<str>,
    ring: Mutex<Ring>,
    /// The ring's head, for streams that have sent all of it.
    head: AtomicU64,
    is_ended: AtomicBool,
    pub(crate) followers: Followers,
    /// The frame of the whole state, created on demand, by one task at a time.
    snapshot: tokio::sync::Mutex<Option<(u64, Bytes)>>,
}

/// The data of a `snap` frame and of a hydrated page.
#[derive(Serialize)]
pub(crate) struct SnapshotFrame<'a> {
    pub(crate) s: &'a str,
    pub(crate) e: &'a str,
    pub(crate) v: u64,
    /// The places that the page shows; `None` for the whole state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<&'a [Address]>,
    /// The page's number of the request that this state serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) k: Option<u64>,
    /// `None` if the reader has the state of this version and continues with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Acks<'a> {
    s: &'a str,
    t: &'a str,
    r: Option<&'a [Answer]>,
}

impl Channel {
    pub(crate) fn new(name: &str, epoch: Arc<str>) -> Self {
        Self {
            name: name.into(),
            epoch,
            ring: Mutex::new(Ring::new(0, KEPT)),
            head: AtomicU64::new(0),
            is_ended: AtomicBool::new(false),
            followers: Followers::default(),
            snapshot: tokio::sync::Mutex::default(),
        }
    }

    /// Sets about how many bytes of commits are kept from now on.
    pub(crate) fn keep(&self, bytes: usize) {
        self.ring.lock().keep(bytes);
    }

    /// The store's name on the wire.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The version of the last commit in the ring.
    pub(crate) fn version(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// Whether the state has ended.
    pub(crate) fn is_ended(&self) -> bool {
        self.is_ended.load(Ordering::Acquire)
    }

    /// The frames after the version `cursor`.
    pub(crate) fn after(&self, cursor: u64) -> Next {
        if cursor == self.version() {
            return Next::Wait;
        }
        self.ring.lock().after(cursor)
    }

    /// Adds the commit that leads to the version `to`. `members` are the members of the
    /// frame's JSON object.
    pub(crate) fn push(&self, to: u64, members: &str) {
        let frame = self.change(&self.name, to, members);
        self.move_ring(|ring| ring.push(to, frame.into()));
    }

    /// The frame of a commit, or of a part of it, for a reader that calls the store
    /// `label`.
    pub(crate) fn change(&self, label: &str, to: u64, members: &str) -> String {
        let (epoch, store) = (&self.epoch, serde_json::to_string(label).unwrap_or_default());
        format!("id: {label}@{epoch}.{to}\nevent: change\ndata: {{\"s\":{store},{members}}}\n\n")
    }

    /// At most `count` frames after the version `cursor`; `None` if some of them are not
    /// kept any more.
    pub(crate) fn frames_after(&self, cursor: u64, count: usize) -> Option<Vec<Arc<RingFrame>>> {
        self.ring.lock().frames_after(cursor, count)
    }

    /// Continues after commits that were missed or cannot be sent: a follower that is
    /// behind gets the whole state.
    pub(crate) fn skip_to(&self, version: u64) {
        self.move_ring(|ring| ring.skip_to(version));
    }

    /// Changes the ring, and wakes the streams.
    fn move_ring(&self, change: impl FnOnce(&mut Ring)) {
        {
            let mut ring = self.ring.lock();
            change(&mut ring);
            self.head.store(ring.head(), Ordering::Release);
        }
        self.followers.raise();
    }

    /// Marks the state as ended.
    pub(crate) fn end(&self) {
        self.is_ended.store(true, Ordering::Release);
        self.followers.raise();
    }

    /// The frame of the whole state with its version, for a reader that has seen versions
    /// up to `seen`.
    ///
    /// The state may be ahead of the ring; its reader then waits for the ring. An earlier
    /// frame is reused as long as the commits since then are smaller than the frame.
    pub(crate) async fn snapshot<E>(
        &self,
        seen: u64,
        state: impl FnOnce() -> Result<(u64, Box<RawValue>), E>,
    ) -> Result<(u64, Bytes), E> {
        let mut kept = self.snapshot.lock().await;
        if let Some((version, frame)) = &*kept
            && *version >= seen
            && self.ring.lock().since(*version).is_some_and(|bytes| bytes <= frame.len() / 4)
        {
            return Ok((*version, frame.clone()));
        }
        let (v, state) = state()?;
        let made = (v, self.snap(&self.name, v, Some(&state)));
        *kept = Some(made.clone());
        Ok(made)
    }

    /// The frame of a state, or of a part of it, for a reader that calls the store `label`;
    /// `state` is `None` if the reader has the state.
    pub(crate) fn snap(&self, label: &str, v: u64, state: Option<&RawValue>) -> Bytes {
        self.snap_for(label, v, None, state)
    }

    /// The same for a reader that requested the state under the number `k`.
    pub(crate) fn snap_for(
        &self,
        label: &str,
        v: u64,
        k: Option<u64>,
        state: Option<&RawValue>,
    ) -> Bytes {
        event("snap", &SnapshotFrame { s: label, e: &self.epoch, v, at: None, k, state })
    }

    /// The frame after which a reader accepts any state, also one of an earlier version: a
    /// position in no history.
    pub(crate) fn parting(label: &str) -> Bytes {
        let nowhere = SnapshotFrame { s: label, e: "", v: 0, at: None, k: None, state: None };
        event("snap", &nowhere)
    }

    /// The frame with the replies to a page's writes; `None` for a page that was forgotten.
    pub(crate) fn acks(label: &str, tag: &str, answers: Option<&[Answer]>) -> Bytes {
        event("acks", &Acks { s: label, t: tag, r: answers })
    }
}

/// The frame of an event of the stream.
pub(crate) fn event(name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n").into()
}

/// The data of a frame that [`event`] made.
pub(crate) fn data_of(frame: &[u8]) -> &[u8] {
    let start = frame.windows(6).position(|window| window == b"data: ").map_or(0, |at| at + 6);
    frame[start..].trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn channel() -> Channel {
        Channel::new("tv", "epoch".into())
    }

    #[test]
    fn w7_a_channel_keeps_as_many_bytes_as_it_is_told() {
        let channel = channel();
        let members = "\"ops\":[]";
        channel.push(1, members);
        channel.push(2, members);
        assert_eq!(channel.frames_after(0, 9).expect("they are kept").len(), 2);
        let frame = channel.change("tv", 3, members).len();
        channel.keep(frame);
        channel.push(3, members);
        assert!(channel.frames_after(1, 9).is_none());
        assert_eq!(channel.frames_after(2, 9).expect("it is kept").len(), 1);
    }

    /// The version of the frame that a reader which has seen `seen` gets, where the state is at
    /// `now`.
    async fn version(channel: &Channel, seen: u64, now: u64) -> u64 {
        let text = format!("\"{}\"", "x".repeat(400));
        let state = RawValue::from_string(text).expect("JSON");
        let made = channel.snapshot(seen, || Ok::<_, Infallible>((now, state))).await;
        made.expect("a state").0
    }

    #[tokio::test]
    async fn w9_a_frame_of_the_state_is_used_again_while_the_commits_since_are_small() {
        let channel = channel();
        assert_eq!(version(&channel, 0, 0).await, 0);
        assert_eq!(version(&channel, 0, 1).await, 0, "it is used again");
        channel.push(1, "\"ops\":[]");
        assert_eq!(version(&channel, 0, 1).await, 0, "the commit is small");
        assert_eq!(version(&channel, 1, 1).await, 1, "the reader has seen a later one");
        assert_eq!(version(&channel, 1, 2).await, 1);
        for to in 2..5 {
            channel.push(to, "\"ops\":[]");
        }
        assert_eq!(version(&channel, 1, 4).await, 4, "the commits are large");
    }
}
