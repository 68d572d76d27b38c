//! [`OpenStreams`]: the open streams.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::http::refusal::RequestRefusal;
use crate::live::show_requests::ShowRequests;
use crate::live::stream_signal::StreamSignal;
use crate::policy::AnyUser;

/// The open streams, with the users of each.
#[derive(Default)]
pub(crate) struct OpenStreams(Mutex<Streams>);

#[derive(Default)]
struct Streams {
    open: HashMap<u64, Open>,
    by_session: HashMap<Arc<str>, usize>,
    /// The requests of the pages of named streams.
    requests: HashMap<StreamName, Arc<ShowRequests>>,
    next: u64,
    stopped: bool,
}

struct Open {
    session: Arc<str>,
    users: Vec<AnyUser>,
    name: Option<StreamName>,
    signal: Arc<StreamSignal>,
}

/// A stream that is open no more ends.
impl Drop for Open {
    fn drop(&mut self) {
        self.signal.end();
    }
}

/// A page's name for its stream, within the page's session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamName {
    pub(crate) session: Arc<str>,
    pub(crate) name: Arc<str>,
}

/// How many streams may be open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) in_all: usize,
    pub(crate) by_session: usize,
}

/// The registration of a stream, which ends on drop.
pub(crate) struct Admitted {
    registry: Arc<OpenStreams>,
    id: u64,
    /// The requests of the page; `None` for a stream without a name.
    pub(crate) requests: Option<Arc<ShowRequests>>,
    pub(crate) signal: Arc<StreamSignal>,
}

impl OpenStreams {
    /// Admits a stream, unless there are too many. For a request without a session only the
    /// total counts. A stream with a name can be requested to show other places.
    pub(crate) fn admit(
        self: &Arc<Self>,
        session: Arc<str>,
        name: Option<Arc<str>>,
        users: Vec<AnyUser>,
        bounds: Bounds,
    ) -> Result<Admitted, RequestRefusal> {
        let mut streams = self.0.lock();
        if streams.stopped {
            return Err(RequestRefusal::busy("the server is stopping"));
        }
        let own = streams.by_session.get(&session).copied().unwrap_or_default();
        if streams.open.len() >= bounds.in_all {
            return Err(RequestRefusal::busy("too many streams are open"));
        }
        if !session.is_empty() && own >= bounds.by_session {
            return Err(RequestRefusal::too_many("the session has too many streams open"));
        }
        let signal = Arc::<StreamSignal>::default();
        let id = streams.next;
        streams.next += 1;
        *streams.by_session.entry(session.clone()).or_default() += 1;
        let name = name.map(|name| StreamName { session: session.clone(), name });
        let requests = name.as_ref().map(|name| {
            let requests = Arc::new(ShowRequests::new(Arc::clone(&signal)));
            streams.requests.insert(name.clone(), Arc::clone(&requests));
            requests
        });
        streams.open.insert(id, Open { session, users, name, signal: Arc::clone(&signal) });
        Ok(Admitted { registry: Arc::clone(self), id, requests, signal })
    }

    /// The requests to the stream `name`. A stream that was opened without a session, since the
    /// browser had no cookie yet, is found by its name alone.
    pub(crate) fn requests(&self, name: StreamName) -> Option<Arc<ShowRequests>> {
        let streams = self.0.lock();
        let found = streams.requests.get(&name);
        let without = || streams.requests.get(&StreamName { session: "".into(), ..name });
        found.or_else(without).map(Arc::clone)
    }

    /// Ends the streams that have a user that `is` selects; returns their number.
    pub(crate) fn end_where(&self, is: impl Fn(&AnyUser) -> bool) -> usize {
        // The closure is the user's, and runs outside of the lock.
        let users: Vec<(u64, Vec<AnyUser>)> = {
            let streams = self.0.lock();
            streams.open.iter().map(|(id, open)| (*id, open.users.clone())).collect()
        };
        let meant = users.into_iter().filter(|(_, users)| users.iter().any(&is));
        let ids: Vec<u64> = meant.map(|(id, _)| id).collect();
        let ended: Vec<Open> = {
            let mut streams = self.0.lock();
            ids.iter().filter_map(|id| streams.take(*id)).collect()
        };
        ended.len()
    }

    /// Ends all streams, and refuses later ones.
    pub(crate) fn stop(&self) {
        let ended = {
            let mut streams = self.0.lock();
            streams.stopped = true;
            streams.by_session.clear();
            streams.requests.clear();
            std::mem::take(&mut streams.open)
        };
        drop(ended);
    }

    /// Whether `stop` was called.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.lock().stopped
    }

    /// The number of open streams.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().open.len()
    }
}

impl Streams {
    fn take(&mut self, id: u64) -> Option<Open> {
        let open = self.open.remove(&id)?;
        if let Some(count) = self.by_session.get_mut(&open.session) {
            *count -= 1;
            if *count == 0 {
                self.by_session.remove(&open.session);
            }
        }
        if let Some(name) = &open.name {
            self.requests.remove(name);
        }
        Some(open)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let open = self.registry.0.lock().take(self.id);
        drop(open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { in_all: 4, by_session: 2 };

    fn admit(streams: &Arc<OpenStreams>, session: &str, name: Option<&str>) -> Option<Admitted> {
        admit_user(streams, session, name, 0)
    }

    fn admit_user(
        streams: &Arc<OpenStreams>,
        session: &str,
        name: Option<&str>,
        user: u32,
    ) -> Option<Admitted> {
        let users: Vec<AnyUser> = vec![Arc::new(user)];
        streams.admit(session.into(), name.map(Into::into), users, BOUNDS).ok()
    }

    #[test]
    fn w6_so_many_streams_are_open_in_all_and_by_session() {
        let streams = Arc::<OpenStreams>::default();
        let first = admit(&streams, "a", None).expect("there is room");
        let _second = admit(&streams, "a", None).expect("there is room");
        assert!(admit(&streams, "a", None).is_none(), "two are the bound of a session");
        drop(first);
        let _again = admit(&streams, "a", None).expect("one has ended");
        assert!(admit(&streams, "a", None).is_none());
        let _others = [admit(&streams, "", None), admit(&streams, "b", None)];
        assert_eq!(streams.count(), 4);
        assert!(admit(&streams, "c", None).is_none(), "four are the bound of all");
    }

    #[test]
    fn w6_only_the_bound_of_all_counts_without_a_session() {
        let streams = Arc::<OpenStreams>::default();
        let open: Vec<_> = (0..5).map_while(|_| admit(&streams, "", None)).collect();
        assert_eq!((open.len(), streams.count()), (4, 4));
        drop(open);
        assert_eq!(streams.count(), 0);
        let streams = streams.0.lock();
        assert!(streams.by_session.is_empty() && streams.open.is_empty());
    }

    #[test]
    fn w7_a_named_stream_is_found_in_its_session_or_without_one() {
        let streams = Arc::<OpenStreams>::default();
        let name =
            |session: &str, name: &str| StreamName { session: session.into(), name: name.into() };
        let own = admit(&streams, "a", Some("x")).expect("there is room");
        let early = admit(&streams, "", Some("y")).expect("there is room");
        let found = |session: &str, text: &str, of: &Admitted| {
            let found = streams.requests(name(session, text));
            found.is_some_and(|found| Arc::ptr_eq(&found, of.requests.as_ref().expect("a name")))
        };
        assert!(found("a", "x", &own) && found("a", "y", &early) && found("", "y", &early));
        assert!(!found("b", "x", &own) && !found("", "x", &own));
        drop(own);
        assert!(streams.requests(name("a", "x")).is_none());
        assert!(admit(&streams, "a", None).expect("there is room").requests.is_none());
    }

    #[test]
    fn w8_the_streams_of_a_user_end_and_no_others() {
        let streams = Arc::<OpenStreams>::default();
        let [one, two, other] =
            [7, 7, 8].map(|user| admit_user(&streams, "", None, user).expect("there is room"));
        let is_seven = |user: &AnyUser| user.downcast_ref::<u32>() == Some(&7);
        assert_eq!(streams.end_where(is_seven), 2);
        assert_eq!([&one, &two, &other].map(|of| of.signal.is_ended()), [true, true, false]);
        assert_eq!((streams.end_where(is_seven), streams.count()), (0, 1));
        // The ended ones are not taken twice.
        drop((one, two));
        assert_eq!(streams.count(), 1);
    }

    #[test]
    fn w12_a_stop_ends_all_streams_and_refuses_others() {
        let streams = Arc::<OpenStreams>::default();
        let open = admit(&streams, "a", Some("x")).expect("there is room");
        assert!(!streams.is_stopped());
        streams.stop();
        assert!(open.signal.is_ended() && streams.is_stopped());
        assert_eq!(streams.count(), 0);
        assert!(admit(&streams, "a", None).is_none());
        drop(open);
    }
}
