//! [`Keeper`]: the thread that writes. All requests that wait for it become one commit.

use std::hint::spin_loop;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};

use super::disk::{Disk, Done};
use super::error;
use super::parts::{PART, PartedSnapshots};
use crate::backend::Snapshot;
use crate::error::{AppendError, ReadError};
use crate::guard::{guarded, reason};

/// The maximal number of requests in one commit.
const TOGETHER: usize = 1_024;
/// How long no request comes before a commit begins; little beside a sync of a disk.
const QUIET: Duration = Duration::from_micros(3);

/// A write that waits for its commit.
#[derive(Debug)]
pub(super) enum KeepRequest {
    Append {
        name: String,
        last: u64,
        entry: Bytes,
        reply: oneshot::Sender<Result<u64, AppendError>>,
    },
    Keep {
        name: String,
        snapshot: Snapshot,
        reply: oneshot::Sender<Result<(), ReadError>>,
    },
    /// A part of a large snapshot, of which a later `Keep` has the last part.
    Part {
        name: String,
        sequence: u64,
        index: u64,
        part: Bytes,
    },
}

impl KeepRequest {
    /// Whether this is a snapshot that is larger than a part.
    pub(super) fn is_large(&self) -> bool {
        matches!(self, Self::Keep { snapshot, .. } if snapshot.body.len() > PART)
    }

    /// Replies with the result of the commit. A caller that has gone needs no reply.
    fn answer(self, done: Done) {
        match self {
            Self::Append { reply, .. } => drop(reply.send(match done {
                Done::Appended(sequence) => Ok(sequence),
                Done::Conflict | Done::Kept => Err(AppendError::Conflict),
            })),
            Self::Keep { reply, .. } => drop(reply.send(Ok(()))),
            Self::Part { .. } => {}
        }
    }

    pub(super) fn fail(self, error: &redb::Error) {
        match self {
            Self::Append { reply, .. } => drop(reply.send(Err(error::of_append(error)))),
            Self::Keep { reply, .. } => drop(reply.send(Err(error::of_read(error)))),
            Self::Part { .. } => {}
        }
    }
}

#[derive(Debug)]
pub(super) struct Keeper {
    /// `None` once the thread must end. The channel is bounded by the models of this
    /// process, which have at most one append and one snapshot each in flight.
    requests: Option<UnboundedSender<KeepRequest>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn start(disk: Arc<Disk>, commits: watch::Sender<u64>) -> Self {
        let (requests, received) = unbounded_channel();
        let thread = thread::Builder::new().name("sprag-log".to_owned());
        let thread = thread.spawn(move || keep(&disk, received, &commits));
        let thread = thread.expect("the system starts a thread");
        Self { requests: Some(requests), thread: Some(thread) }
    }

    /// Passes the request to the thread. If the thread has ended, the reply is dropped.
    pub(super) fn send(&self, request: KeepRequest) {
        if let Some(requests) = &self.requests {
            let _ = requests.send(request);
        }
    }

    /// Ends the thread, and waits for the commit in progress.
    pub(super) fn end(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // The panic hook has printed a panic of the thread, and its callers got errors.
            let _ = thread.join();
        }
    }
}

fn keep(disk: &Disk, mut received: UnboundedReceiver<KeepRequest>, commits: &watch::Sender<u64>) {
    let (mut waiting, mut parted) = (Vec::new(), PartedSnapshots::default());
    // A snapshot of which a part is written does not wait for requests.
    while !parted.is_empty() || received.blocking_recv_many(&mut waiting, TOGETHER) > 0 {
        gather(&mut received, &mut waiting);
        parted.exchange(&mut waiting);
        // The engine panics at some damage.
        let committed = guarded(|| disk.commit(&waiting));
        match committed.unwrap_or_else(|panic| Err(redb::Error::Corrupted(reason(panic)))) {
            Ok(done) => {
                // Followers first: an entry is visible before its writers receive their
                // results.
                commits.send_modify(|commits| *commits += 1);
                waiting.drain(..).zip(done).for_each(|(request, done)| request.answer(done));
            }
            Err(error) => {
                tracing::error!(%error, "a commit of the log failed");
                if let Err(panic) = guarded(|| disk.reopen()) {
                    let reason = reason(panic);
                    tracing::error!(reason, "the log's file cannot be opened again");
                }
                waiting.drain(..).for_each(|request| request.fail(&error));
                parted.fail(&error);
            }
        }
    }
}

/// Takes the requests that come right behind the first: callers that wake together are not
/// there at the same moment.
fn gather(received: &mut UnboundedReceiver<KeepRequest>, waiting: &mut Vec<KeepRequest>) {
    let mut last = Instant::now();
    while waiting.len() < TOGETHER {
        match received.try_recv() {
            Ok(request) => {
                waiting.push(request);
                last = Instant::now();
            }
            Err(_) if last.elapsed() < QUIET => spin_loop(),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn append() -> (KeepRequest, oneshot::Receiver<Result<u64, AppendError>>) {
        let (reply, replied) = oneshot::channel();
        let request = KeepRequest::Append { name: "a".into(), last: 0, entry: Bytes::new(), reply };
        (request, replied)
    }

    fn keep() -> (KeepRequest, oneshot::Receiver<Result<(), ReadError>>) {
        let (reply, replied) = oneshot::channel();
        let snapshot = Snapshot { sequence: 1, body: Bytes::new() };
        (KeepRequest::Keep { name: "a".into(), snapshot, reply }, replied)
    }

    #[test]
    fn l4_each_request_receives_the_result_of_its_commit() {
        let appended = |done| {
            let (request, mut replied) = append();
            request.answer(done);
            replied.try_recv().expect("a reply")
        };
        assert!(matches!(appended(Done::Appended(7)), Ok(7)));
        assert!(matches!(appended(Done::Conflict), Err(AppendError::Conflict)));
        let (request, mut replied) = keep();
        request.answer(Done::Kept);
        assert!(matches!(replied.try_recv(), Ok(Ok(()))));
    }

    #[test]
    fn l4_each_request_of_a_commit_that_failed_receives_its_error() {
        let error = redb::Error::Io(io::ErrorKind::StorageFull.into());
        let (request, mut replied) = append();
        request.fail(&error);
        assert!(matches!(replied.try_recv(), Ok(Err(AppendError::Unknown(_)))));
        let (request, mut replied) = keep();
        request.fail(&error);
        assert!(matches!(replied.try_recv(), Ok(Err(ReadError::Unavailable(_)))));
    }

    #[test]
    fn l4a_a_keeper_makes_what_was_requested_before_its_end_and_nothing_later() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let disk = Arc::new(Disk::open(folder.path()).expect("a folder of sprag"));
        let commits = watch::Sender::new(0);
        let counted = commits.subscribe();
        let mut keeper = Keeper::start(Arc::clone(&disk), commits);
        let (request, mut replied) = append();
        keeper.send(request);
        keeper.end();
        assert!(matches!(replied.try_recv(), Ok(Ok(1))));
        assert_eq!(*counted.borrow(), 1);
        let (request, mut replied) = append();
        keeper.send(request);
        replied.try_recv().expect_err("the thread has ended");
        keeper.end();
        assert_eq!(disk.page("a", 0).expect("the disk is there").entries.len(), 1);
    }

    #[test]
    fn l9_a_large_snapshot_is_a_commit_for_each_part_and_the_end_waits_for_all() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let disk = Disk::open(folder.path()).expect("a folder of sprag");
        let (requests, received) = unbounded_channel();
        let (first, mut appended) = append();
        let (reply, mut kept) = oneshot::channel();
        let body: Bytes = (0..5 * PART).map(|index| (index % 251) as u8).collect();
        let snapshot = Snapshot { sequence: 1, body: body.clone() };
        requests.send(first).expect("it is received");
        let keep_all = KeepRequest::Keep { name: "a".into(), snapshot, reply };
        requests.send(keep_all).expect("it is received");
        drop(requests);
        let commits = watch::Sender::new(0);
        super::keep(&disk, received, &commits);
        assert_eq!(*commits.borrow(), 5, "the append shares the first of them");
        assert!(matches!(appended.try_recv(), Ok(Ok(1))) && matches!(kept.try_recv(), Ok(Ok(()))));
        let stored = disk.snapshot("a").expect("the disk is there").expect("a snapshot");
        assert!(stored.sequence == 1 && stored.body == body, "all parts are there, in order");
    }

    #[test]
    fn l9_requests_that_wait_together_are_one_commit() {
        let (requests, mut received) = unbounded_channel();
        for _ in 0..TOGETHER + 5 {
            requests.send(append().0).expect("it is received");
        }
        let mut waiting = vec![append().0];
        gather(&mut received, &mut waiting);
        assert_eq!(waiting.len(), TOGETHER, "so many at most");
        let mut waiting = vec![append().0];
        gather(&mut received, &mut waiting);
        assert!(received.is_empty(), "{} of six are taken", waiting.len());
    }
}
