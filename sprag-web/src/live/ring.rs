//! [`Ring`]: the latest commits of a store, serialised once for all readers.
//!
//! A connection has no queue. It is a cursor, the version up to which it has sent. A cursor
//! that fell out of the ring gets the whole state instead.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use bytes::{Bytes, BytesMut};

use crate::live::frames::data_of;
use crate::live::narrowed::ParsedFrame;

/// The size up to which small frames are joined into a chunk. hyper takes up to 16 chunks
/// in advance for a reader that does not read, so larger chunks would cost memory for each
/// such reader.
pub(crate) const CHUNK: usize = 4 * 1024;
/// A frame of at least this size is shared by all connections and not copied.
const LARGE: usize = 1024;

#[derive(Debug)]
pub(crate) struct Ring {
    frames: VecDeque<Arc<RingFrame>>,
    /// The size of all frames.
    bytes: usize,
    /// The limit for `bytes`, which one frame may exceed.
    bound: usize,
    /// The version before the oldest frame.
    base: u64,
    /// The version after the newest frame.
    head: u64,
}

/// A commit, in the form for followers of the whole state.
#[derive(Debug)]
pub(crate) struct RingFrame {
    pub(crate) to: u64,
    pub(crate) bytes: Bytes,
    /// The parsed frame, once a connection needs a part of it; `None` if it cannot be
    /// parsed.
    parsed: OnceLock<Option<ParsedFrame>>,
}

impl RingFrame {
    /// The frame's data and its parsed form.
    pub(crate) fn parsed(&self) -> Option<(&str, &ParsedFrame)> {
        let data = std::str::from_utf8(data_of(&self.bytes)).ok()?;
        let parsed = self.parsed.get_or_init(|| ParsedFrame::of(data).ok()).as_ref()?;
        Some((data, parsed))
    }
}

/// The next message of a connection.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    /// Frames; the cursor is then at this version.
    Chunk(Bytes, u64),
    /// There is nothing to send yet.
    Wait,
    /// The whole state, since the commits after the cursor are not kept any more.
    Snapshot,
}

impl Ring {
    /// Begins after `version`, and keeps about `bound` bytes.
    pub(crate) fn new(version: u64, bound: usize) -> Self {
        Self { frames: VecDeque::new(), bytes: 0, bound, base: version, head: version }
    }

    /// Keeps about `bound` bytes from the next frame on.
    pub(crate) fn keep(&mut self, bound: usize) {
        self.bound = bound;
    }

    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// Adds the frame of the commit that leads to the version `to`.
    pub(crate) fn push(&mut self, to: u64, bytes: Bytes) {
        self.bytes += bytes.len();
        self.head = to;
        self.frames.push_back(Arc::new(RingFrame { to, bytes, parsed: OnceLock::new() }));
        while self.bytes > self.bound
            && let Some(oldest) = self.frames.pop_front()
        {
            self.bytes -= oldest.bytes.len();
            self.base = oldest.to;
        }
    }

    /// Removes all frames, since commits up to `version` were missed.
    pub(crate) fn skip_to(&mut self, version: u64) {
        *self = Self::new(version, self.bound);
    }

    /// The size of the frames after the version `cursor`; `None` if some are not kept any
    /// more.
    pub(crate) fn since(&self, cursor: u64) -> Option<usize> {
        let start = self.frames.partition_point(|frame| frame.to <= cursor);
        let bytes = || self.frames.range(start..).map(|frame| frame.bytes.len()).sum();
        (cursor >= self.base).then(bytes)
    }

    /// At most `count` frames after the version `cursor`; `None` if some are not kept any
    /// more.
    pub(crate) fn frames_after(&self, cursor: u64, count: usize) -> Option<Vec<Arc<RingFrame>>> {
        let start = self.start(cursor)?;
        Some(self.frames.range(start..).take(count).map(Arc::clone).collect())
    }

    /// The index of the frame that follows the version `cursor`; `None` where there cannot
    /// be one any more.
    ///
    /// A cursor that comes from another server may be inside of a commit of this one, which
    /// has read several entries of a log in one go.
    fn start(&self, cursor: u64) -> Option<usize> {
        let start = self.frames.partition_point(|frame| frame.to <= cursor);
        let from = start.checked_sub(1).map_or(self.base, |last| self.frames[last].to);
        let is_inside = start < self.frames.len() && from != cursor;
        (cursor >= self.base && !is_inside).then_some(start)
    }

    /// The message after the version `cursor`.
    ///
    /// A cursor ahead of the ring waits: a page that was rendered from the model may know
    /// commits that are not in the ring yet.
    pub(crate) fn after(&self, cursor: u64) -> Next {
        let Some(start) = self.start(cursor) else { return Next::Snapshot };
        let Some(first) = self.frames.get(start) else { return Next::Wait };
        if first.bytes.len() >= LARGE {
            return Next::Chunk(first.bytes.clone(), first.to);
        }
        // Most often there is one frame, which is shared.
        if start + 1 == self.frames.len() {
            return Next::Chunk(first.bytes.clone(), first.to);
        }
        let (mut count, mut length) = (0, 0);
        for frame in self.frames.range(start..) {
            if frame.bytes.len() >= LARGE || length + frame.bytes.len() > CHUNK {
                break;
            }
            (count, length) = (count + 1, length + frame.bytes.len());
        }
        let end = start + count;
        let mut chunk = BytesMut::with_capacity(length);
        self.frames.range(start..end).for_each(|frame| chunk.extend_from_slice(&frame.bytes));
        Next::Chunk(chunk.freeze(), self.frames[end - 1].to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(size: usize) -> Bytes {
        Bytes::from(vec![b'x'; size])
    }

    fn chunk(size: usize, to: u64) -> Next {
        Next::Chunk(frame(size), to)
    }

    #[test]
    fn w6_small_frames_are_joined_and_large_ones_are_shared() {
        let mut ring = Ring::new(0, 100_000);
        let large = frame(LARGE);
        for to in 1..=10 {
            ring.push(to, if to == 7 { large.clone() } else { frame(900) });
        }
        assert_eq!(ring.after(0), chunk(3_600, 4));
        assert_eq!(ring.after(4), chunk(1_800, 6));
        let Next::Chunk(bytes, 7) = ring.after(6) else { panic!("the large frame comes alone") };
        assert_eq!(bytes.as_ptr(), large.as_ptr());
        assert_eq!(ring.after(10), Next::Wait);
        assert_eq!(ring.after(12), Next::Wait);
    }

    #[test]
    fn w6_a_chunk_has_at_most_its_size_and_a_frame_of_the_limit_is_shared() {
        for (last, joined) in [(CHUNK - 4_000, CHUNK), (CHUNK - 3_999, 4_000)] {
            let mut ring = Ring::new(0, 100_000);
            for (to, size) in [(1, 1_000), (2, 1_000), (3, 1_000), (4, 1_000), (5, last), (6, 1)] {
                ring.push(to, frame(size));
            }
            let to = if joined == CHUNK { 5 } else { 4 };
            assert_eq!(ring.after(0), chunk(joined, to), "the fifth frame has {last} bytes");
        }
        let shared = |size, others: u64| {
            let (mut ring, bytes) = (Ring::new(0, 100_000), frame(size));
            ring.push(1, bytes.clone());
            (2..2 + others).for_each(|to| ring.push(to, frame(10)));
            let Next::Chunk(sent, _) = ring.after(0) else { panic!("there is a frame") };
            sent.as_ptr() == bytes.as_ptr()
        };
        assert!(shared(LARGE, 1), "it is large");
        assert!(shared(LARGE - 1, 0), "it is alone");
        assert!(!shared(LARGE - 1, 1) && !shared(LARGE - 1, 2), "it is joined");
    }

    #[test]
    fn w7_a_ring_keeps_as_many_bytes_as_its_bound() {
        let mut ring = Ring::new(5, 800);
        ring.push(6, frame(400));
        ring.push(8, frame(400));
        assert_eq!(
            [4, 5, 6, 7, 8].map(|cursor| ring.since(cursor)),
            [None, Some(800), Some(400), Some(400), Some(0)]
        );
        assert_eq!(ring.frames_after(5, 1).expect("they are kept").len(), 1);
        assert_eq!(ring.frames_after(5, 9).expect("they are kept").len(), 2);
        ring.push(9, frame(1));
        assert_eq!((ring.since(5), ring.since(6)), (None, Some(401)));
        ring.keep(401);
        ring.push(10, frame(400));
        assert_eq!((ring.since(8), ring.since(6)), (Some(401), None));
    }

    #[test]
    fn w9_a_frame_is_parsed_if_it_is_a_change() {
        let parsed = |text: &'static str| {
            let mut ring = Ring::new(0, 100);
            ring.push(1, Bytes::from_static(text.as_bytes()));
            let frames = ring.frames_after(0, 1).expect("it is kept");
            frames[0].parsed().map(|(data, _)| data.to_owned())
        };
        let change = "event: change\ndata: {\"ops\":[]}\n\n";
        assert_eq!(parsed(change).as_deref(), Some("{\"ops\":[]}"));
        assert_eq!(parsed("event: change\ndata: {}\n\n"), None);
    }

    #[test]
    fn w7_a_cursor_inside_of_a_commit_gets_the_state() {
        let mut ring = Ring::new(5, 1_000);
        assert_eq!(ring.after(8), Next::Wait);
        ring.push(9, frame(400));
        assert_eq!(ring.after(5), chunk(400, 9));
        assert_eq!((ring.after(8), ring.after(9)), (Next::Snapshot, Next::Wait));
        assert!(ring.frames_after(8, 10).is_none());
    }

    #[test]
    fn w6_a_cursor_that_fell_out_of_the_ring_gets_the_state() {
        let mut ring = Ring::new(5, 1_000);
        assert_eq!((ring.after(4), ring.after(5)), (Next::Snapshot, Next::Wait));
        for to in 6..=10 {
            ring.push(to, frame(400));
        }
        assert_eq!((ring.after(7), ring.after(8)), (Next::Snapshot, chunk(800, 10)));
        ring.push(11, frame(5_000));
        assert_eq!((ring.after(10), ring.after(11)), (Next::Snapshot, Next::Wait));
        ring.skip_to(20);
        assert_eq!((ring.after(11), ring.after(20), ring.head()), (Next::Snapshot, Next::Wait, 20));
    }
}
