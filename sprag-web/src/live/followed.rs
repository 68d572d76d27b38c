//! [`Followed`]: a store, or some places of one, that a stream follows.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;

use crate::http::refusal::RequestRefusal;
use crate::live::frames::Channel;
use crate::live::ring::{CHUNK, Next, RingFrame};
use crate::live::show_requests::ShowRequest;
use crate::live::shown_places::{ShownPlaces, Unshown};
use crate::live::stream_signal::StreamSignal;
use crate::published::StoreInstance;
use crate::source::StoreSource;

/// How many frames are narrowed together.
const FRAMES: usize = 64;

/// A store, or some places of one, that a stream follows.
pub(crate) struct Followed {
    pub(crate) instance: Arc<dyn StoreInstance>,
    /// The source of the instance, if it selects instances by the request's key.
    keyed: Option<Arc<dyn StoreSource>>,
    channel: Arc<Channel>,
    /// The page's name for the store in its frames.
    label: Arc<str>,
    /// The version up to which every commit was sent or does not concern this page; `None`
    /// if the client has no state of this instance.
    cursor: Option<u64>,
    /// A version that the client has seen; no older state is sent.
    seen: u64,
    /// Whether the client comes from another server, and does not know this instance yet.
    is_moving: bool,
    /// Whether the client was ahead of a current state at the last heartbeat.
    was_ahead: bool,
    /// The slot of the stream among the channel's followers.
    slot: Option<usize>,
    /// `None` if the page shows the whole state.
    partial: Option<PartialStore>,
}

/// A page's part of a state.
struct PartialStore {
    places: ShownPlaces,
    /// The last version that the client was sent.
    told: u64,
    /// The client's number of its request for these places.
    number: Option<u64>,
}

/// The client's position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FollowStart {
    /// The client has the state of this version.
    At(u64),
    /// The client has the state of this version from another server, and continues here.
    From(u64),
    /// The client needs a state, of this version or a later one.
    Anew(u64),
}

impl Followed {
    pub(crate) fn new(
        instance: Arc<dyn StoreInstance>,
        label: Arc<str>,
        places: Option<(ShownPlaces, Option<u64>)>,
        start: FollowStart,
    ) -> Self {
        let channel = Arc::clone(instance.hub().root());
        let (cursor, seen) = match start {
            FollowStart::At(version) | FollowStart::From(version) => (Some(version), version),
            FollowStart::Anew(version) => (None, version),
        };
        let is_moving = matches!(start, FollowStart::From(_));
        let partial = places.map(|(places, number)| PartialStore { places, told: seen, number });
        Self {
            instance,
            keyed: None,
            channel,
            label,
            cursor,
            seen,
            is_moving,
            was_ahead: false,
            slot: None,
            partial,
        }
    }

    /// Checks the request's key again whenever the stream's rights are checked.
    pub(crate) fn check_key(&mut self, source: Arc<dyn StoreSource>) {
        self.keyed = Some(source);
    }

    /// Whether the request determines who sees the store.
    pub(crate) fn looks_at_requests(&self) -> bool {
        self.keyed.is_some() || self.instance.looks_at_requests()
    }

    /// Whether the request's user still sees the store.
    ///
    /// An extractor that refuses the request now, for example since the session has ended, has
    /// no user. An extractor that fails on the server's side is called again later.
    pub(crate) async fn is_visible(&self, parts: &mut Parts) -> bool {
        let visible = match self.has_key(parts).await {
            Ok(true) => self.instance.visible(parts).await.map(|user| user.is_some()),
            other => other,
        };
        visible.unwrap_or_else(|response| response.status().is_server_error())
    }

    /// Whether the request's key is still that of the instance.
    async fn has_key(&self, parts: &mut Parts) -> Result<bool, Response> {
        let Some(source) = &self.keyed else { return Ok(true) };
        let found = Arc::clone(source).instance(parts).await?;
        Ok(std::ptr::addr_eq(Arc::as_ptr(&found.instance), Arc::as_ptr(&self.instance)))
    }

    /// Wakes the stream of `signal` from now on.
    pub(crate) fn wake(&mut self, signal: &Arc<StreamSignal>) {
        self.slot = Some(self.channel.followers.join(Arc::clone(signal)));
    }

    /// The page's name for the store.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// Whether the client has seen a later version than that of the state: it comes from
    /// another server, and this one has not caught up yet.
    fn is_ahead(&self) -> bool {
        self.cursor.unwrap_or(self.seen) > self.instance.version()
    }

    /// Notices a heartbeat. A client that is ahead of a current state at two heartbeats has
    /// seen commits that the log has lost: the frame that this returns and the state follow.
    pub(crate) fn beat(&mut self) -> Option<Bytes> {
        let is_ahead = self.is_ahead() && self.instance.is_current();
        let was_ahead = std::mem::replace(&mut self.was_ahead, is_ahead);
        if !is_ahead || !was_ahead {
            return None;
        }
        tracing::warn!(store = &*self.label, "a page has seen commits that the log has lost");
        (self.cursor, self.seen) = (None, 0);
        Some(Channel::parting(&self.label))
    }

    /// The frame by which a client that comes from another server knows this one.
    pub(crate) fn welcome(&mut self) -> Option<Bytes> {
        let is_moving = std::mem::take(&mut self.is_moving);
        is_moving.then(|| self.channel.snap(&self.label, self.seen, None))
    }

    /// Shows other places from now on, which begin with their state.
    pub(crate) fn show(&mut self, request: ShowRequest) -> Result<(), Unshown> {
        let ShowRequest { places, number } = request;
        let Some(partial) = &mut self.partial else { return Ok(()) };
        partial.places = ShownPlaces::of(self.instance.hub().schema(), &places)?;
        partial.number = Some(number);
        (self.cursor, self.seen) = (None, self.seen.max(partial.told));
        Ok(())
    }

    /// Whether the state has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.channel.is_ended()
    }

    /// The next message. `is_own` selects the pages of this stream by their tags.
    pub(crate) fn next(&mut self, is_own: impl Fn(&str) -> bool) -> Next {
        let Some(cursor) = self.cursor else {
            // A client ignores a state that is older than its own.
            return if self.is_ahead() { Next::Wait } else { Next::Snapshot };
        };
        if self.partial.is_some() {
            return self.next_of_places(cursor, is_own);
        }
        let next = self.channel.after(cursor);
        if let Next::Chunk(_, to) = next {
            self.cursor = Some(to);
        }
        next
    }

    /// The next commits, narrowed. Commits without effect at the places are left out.
    fn next_of_places(&mut self, mut cursor: u64, is_own: impl Fn(&str) -> bool) -> Next {
        let mut chunk = String::new();
        while chunk.is_empty() {
            let Some(frames) = self.channel.frames_after(cursor, FRAMES) else {
                return Next::Snapshot;
            };
            if frames.is_empty() {
                return Next::Wait;
            }
            for frame in frames {
                let Some(narrowed) = self.narrowed(&frame, &is_own) else { return Next::Snapshot };
                chunk.push_str(&narrowed);
                cursor = frame.to;
                self.cursor = Some(cursor);
                if chunk.len() >= CHUNK {
                    break;
                }
            }
        }
        Next::Chunk(chunk.into(), cursor)
    }

    /// The commit for the page: empty if it does not concern the page, and `None` if the
    /// state must be sent instead.
    fn narrowed(&mut self, frame: &RingFrame, is_own: impl Fn(&str) -> bool) -> Option<String> {
        let partial = self.partial.as_ref()?;
        let (data, parsed) = frame.parsed()?;
        let (members, has_op) = parsed.narrowed(data, &partial.places).ok()?;
        if !has_op && !parsed.is_by(is_own) {
            return Some(String::new());
        }
        self.told(frame.to, &members)
    }

    /// The frame from the version that the client knows to the version `to`.
    fn told(&mut self, to: u64, members: &str) -> Option<String> {
        let partial = self.partial.as_mut()?;
        let from = std::mem::replace(&mut partial.told, to);
        let members = format!("\"from\":{from},\"to\":{to},{members}");
        Some(self.channel.change(&self.label, to, &members))
    }

    /// Whether the client does not know the current version yet.
    pub(crate) fn is_behind(&self) -> bool {
        self.partial.as_ref().is_some_and(|partial| self.cursor > Some(partial.told))
    }

    /// A frame without ops, which only sends the version.
    pub(crate) fn advance(&mut self) -> Option<String> {
        let cursor = self.cursor.filter(|_| self.is_behind())?;
        self.told(cursor, "\"ops\":[]")
    }

    /// The state, or its places, that the client continues from.
    ///
    /// Either may be ahead of the ring; the client then waits for the ring.
    pub(crate) async fn snapshot(&mut self) -> Result<Bytes, RequestRefusal> {
        let instance = Arc::clone(&self.instance);
        let (version, frame) = match &mut self.partial {
            None => self.channel.snapshot(self.seen, || instance.state()).await?,
            Some(PartialStore { places, told, number }) => {
                let (version, state) = instance.state_at(places)?;
                *told = version;
                (version, self.channel.snap_for(&self.label, version, *number, Some(&state)))
            }
        };
        (self.cursor, self.seen) = (Some(version), version);
        Ok(frame)
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            self.channel.followers.leave(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use sprag_runtime::path::{Part, Schema};

    use super::*;
    use crate::published::{Published, store};

    type Rooms = std::collections::BTreeMap<String, u8>;

    fn rooms() -> Published<Rooms> {
        store("rooms", Rooms::new())
    }

    fn followed(
        rooms: &Published<Rooms>,
        places: Option<ShownPlaces>,
        start: FollowStart,
    ) -> Followed {
        let instance = Arc::clone(&rooms.0) as Arc<dyn StoreInstance>;
        Followed::new(instance, "rooms".into(), places.map(|places| (places, None)), start)
    }

    fn insert(rooms: &Published<Rooms>, name: &str) {
        rooms.update(|rooms| rooms.insert(name.to_owned(), 1));
    }

    #[tokio::test]
    async fn w7_a_page_that_is_ahead_at_two_beats_begins_anew() {
        let rooms = rooms();
        let mut page = followed(&rooms, None, FollowStart::At(2));
        assert!(page.beat().is_none(), "the server may catch up");
        insert(&rooms, "a");
        insert(&rooms, "b");
        assert!(page.beat().is_none(), "it has caught up");
        assert!(page.beat().is_none());
        let mut lost = followed(&rooms, None, FollowStart::At(9));
        assert!(lost.beat().is_none());
        assert!(lost.beat().is_some(), "the commits are lost");
        assert_eq!(lost.next(|_| false), Next::Snapshot);
        assert!(lost.beat().is_none(), "it has begun anew");
    }

    #[tokio::test]
    async fn w6_a_stream_that_ends_is_woken_no_more() {
        let rooms = rooms();
        let signal = Arc::<StreamSignal>::default();
        let mut page = followed(&rooms, None, FollowStart::At(0));
        page.wake(&signal);
        assert_eq!(Arc::strong_count(&signal), 2);
        drop(page);
        assert_eq!(Arc::strong_count(&signal), 1);
    }

    #[tokio::test]
    async fn w2_a_page_of_a_place_is_behind_after_commits_that_do_not_concern_it() {
        let rooms = rooms();
        let place = [Part::from("a")].into_iter().collect();
        let places = ShownPlaces::of(Schema::of::<Rooms>(), &[place]).expect("a place");
        let mut page = followed(&rooms, Some(places), FollowStart::At(0));
        assert!(!page.is_behind() && page.advance().is_none());
        rooms.0.hub().root().push(1, "\"ops\":[[\"=\",[\"b\"],1]]");
        assert_eq!(page.next(|_| false), Next::Wait);
        assert!(page.is_behind());
        let frame = page.advance().expect("a frame");
        assert!(frame.contains("\"from\":0,\"to\":1,\"ops\":[]"), "{frame}");
        assert!(!page.is_behind());
        assert!(!followed(&rooms, None, FollowStart::At(0)).is_behind());
    }
}
