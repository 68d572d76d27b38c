//! [`Feed`]: the chunks of one stream. A connection is a cursor for each of its stores.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::http::request::Parts;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{Stream, unfold};
use serde_json::json;
use tokio::time::Sleep;

use crate::live::followed::Followed;
use crate::live::frames::{Channel, event};
use crate::live::open_streams::Admitted;
use crate::live::ring::Next;
use crate::writes::repeated_writes::WriterId;

/// The interval between two heartbeats of a stream.
const BEAT: Duration = Duration::from_secs(15);
/// How long a page that shows some places may lag behind commits that do not concern it.
const ADVANCE: Duration = Duration::from_millis(200);
/// After how many heartbeats the stream's rights are checked again.
const BEATS: u32 = 4;

/// The stores of one stream.
pub(crate) struct Feed {
    pub(crate) followed: Vec<Followed>,
    /// The pages that write, with the last number that each of them has used.
    pub(crate) pages: Vec<(WriterId, u64)>,
    pub(crate) admitted: Admitted,
    /// The request as it arrived, for repeated checks of its rights; `None` where the rights
    /// are everybody's.
    request: Option<Box<Parts>>,
    /// The next store to serve, so that a busy one does not starve the others.
    turn: usize,
    greeting: BytesMut,
    beat: Pin<Box<Sleep>>,
    beats: u32,
    /// When pages that show some places are next sent their version.
    advance: Option<Pin<Box<Sleep>>>,
}

/// Why a stream continues.
enum Moved {
    /// A commit, a request of the page, or the end.
    Raised,
    Beat,
    Advance,
}

impl Feed {
    pub(crate) fn new(
        mut followed: Vec<Followed>,
        pages: Vec<(WriterId, u64)>,
        admitted: Admitted,
        request: Option<Box<Parts>>,
    ) -> Self {
        followed.iter_mut().for_each(|followed| followed.wake(&admitted.signal));
        let beat = Box::pin(tokio::time::sleep(BEAT));
        let greeting = BytesMut::new();
        Self {
            followed,
            pages,
            admitted,
            request,
            turn: 0,
            greeting,
            beat,
            beats: 0,
            advance: None,
        }
    }

    /// Prepares the beginning of the stream: its first bytes, which are sent at once, then
    /// the refusals of stores, then the replies to each page's writes.
    pub(crate) async fn greet(&mut self, denied: &[(String, String)]) {
        let retry = fastrand::u32(1_000..5_000);
        self.greeting.extend_from_slice(format!(": sprag\nretry: {retry}\n\n").as_bytes());
        for (store, why) in denied {
            self.greeting.extend_from_slice(&denial(store, why));
        }
        for at in 0..self.followed.len() {
            let acks = self.acks(at).await;
            self.greeting.extend_from_slice(&acks);
            self.greeting.extend(self.followed[at].welcome().into_iter().flatten());
        }
    }

    /// The chunks of the stream, until it ends.
    pub(crate) fn chunks(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        unfold(self, |mut feed| async move {
            let chunk = feed.next().await?;
            Some((Ok(chunk), feed))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if !self.greeting.is_empty() {
            return Some(self.greeting.split().freeze());
        }
        loop {
            if self.followed.is_empty() || self.admitted.signal.is_ended() {
                return None;
            }
            // Also while there is always something to send.
            if self.beat.deadline() <= tokio::time::Instant::now() {
                return Some(self.beat().await);
            }
            if let Some(said) = self.show() {
                return Some(said);
            }
            for _ in 0..self.followed.len() {
                self.turn = (self.turn + 1) % self.followed.len();
                if let Some(chunk) = self.take(self.turn).await {
                    return Some(chunk);
                }
            }
            if self.has_ended_state() {
                return None;
            }
            match self.moved().await {
                Moved::Advance => {
                    let said = self.advance();
                    if !said.is_empty() {
                        return Some(said);
                    }
                }
                Moved::Raised | Moved::Beat => {}
            }
        }
    }

    /// Turns to the places that the page wants to see now; returns the frames of refusals.
    fn show(&mut self) -> Option<Bytes> {
        let requests = self.admitted.requests.as_ref()?.take();
        let mut said = BytesMut::new();
        for (label, request) in requests {
            let found = self.followed.iter().position(|followed| followed.label() == label);
            let Some(at) = found else { continue };
            if let Err(unshown) = self.followed[at].show(request) {
                said.extend_from_slice(&self.drop_store(at, unshown.why()));
            }
        }
        (!said.is_empty()).then(|| said.freeze())
    }

    /// Whether a state has ended: the browser opens the stream again, and finds the next
    /// state.
    fn has_ended_state(&self) -> bool {
        self.followed.iter().any(Followed::has_ended)
    }

    /// The next chunk of one store.
    async fn take(&mut self, at: usize) -> Option<Bytes> {
        let pages = &self.pages;
        let is_own = |tag: &str| pages.iter().any(|(id, _)| *id.tag == *tag);
        match self.followed[at].next(is_own) {
            Next::Wait => None,
            Next::Chunk(bytes, _) => Some(bytes),
            // Apart from the stream, which needs the room of this once.
            Next::Snapshot => Some(Box::pin(self.snapshot(at)).await),
        }
    }

    /// The whole state, after the replies to the writes that it includes.
    async fn snapshot(&mut self, at: usize) -> Bytes {
        match self.followed[at].snapshot().await {
            Ok(snapshot) => {
                let acks = self.acks(at).await;
                if acks.is_empty() {
                    return snapshot;
                }
                // The bytes of the state remain shared.
                self.greeting.extend_from_slice(&snapshot);
                acks.freeze()
            }
            Err(refusal) => self.drop_store(at, &refusal.why),
        }
    }

    /// Removes a store from the stream; returns a frame with the reason.
    fn drop_store(&mut self, at: usize, why: &str) -> Bytes {
        let followed = self.followed.swap_remove(at);
        self.turn = 0;
        denial(followed.label(), why)
    }

    async fn acks(&self, at: usize) -> BytesMut {
        let followed = &self.followed[at];
        let writers = &followed.instance.hub().writers;
        let mut frames = BytesMut::new();
        for (id, used) in &self.pages {
            let answers = writers.introduce(id, *used, Instant::now()).await;
            let acks = Channel::acks(followed.label(), &id.tag, answers.as_deref());
            frames.extend_from_slice(&acks);
        }
        frames
    }

    /// Waits until a store has moved on, or until the next heartbeat.
    async fn moved(&mut self) -> Moved {
        if self.advance.is_none() && self.followed.iter().any(Followed::is_behind) {
            self.advance = Some(Box::pin(tokio::time::sleep(ADVANCE)));
        }
        let Self { admitted, beat, advance, .. } = self;
        poll_fn(|context| {
            if admitted.signal.poll_raised(context).is_ready() {
                return Poll::Ready(Moved::Raised);
            }
            if beat.as_mut().poll(context).is_ready() {
                return Poll::Ready(Moved::Beat);
            }
            match advance {
                Some(advance) => advance.as_mut().poll(context).map(|()| Moved::Advance),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Sends their version to the pages that show some places. The page of a refused write
    /// waits for the version that the refusal names.
    fn advance(&mut self) -> Bytes {
        self.advance = None;
        self.followed.iter_mut().filter_map(Followed::advance).collect::<String>().into()
    }

    /// Sends a heartbeat, and checks the stream's rights at some of them.
    async fn beat(&mut self) -> Bytes {
        self.beat.as_mut().reset(tokio::time::Instant::now() + BEAT);
        self.beats += 1;
        let mut said = BytesMut::from(&b":\n\n"[..]);
        said.extend(self.followed.iter_mut().filter_map(Followed::beat).flatten());
        if self.beats.is_multiple_of(BEATS) {
            said.extend(self.check_rights().await);
        }
        said.freeze()
    }

    /// Drops the stores that the request's user does not see any more.
    async fn check_rights(&mut self) -> BytesMut {
        let mut denials = BytesMut::new();
        let Some(mut request) = self.request.as_deref().cloned() else { return denials };
        for at in (0..self.followed.len()).rev() {
            if !self.followed[at].is_visible(&mut request).await {
                let why = "you may not read the store any more";
                denials.extend_from_slice(&self.drop_store(at, why));
            }
        }
        denials
    }
}

fn denial(store: &str, why: &str) -> Bytes {
    event("denied", &json!({ "s": store, "why": why }))
}
