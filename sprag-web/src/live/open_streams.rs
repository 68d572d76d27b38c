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
