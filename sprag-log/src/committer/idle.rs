//! A committer that no task runs, on a log that takes nothing: for the tests of its parts.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::value::to_raw_value;
use sprag_runtime::{Model, create_model};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::{Beginning, Committer};
use crate::backend::{Follow, Log, Page, Snapshot, Stored};
use crate::chain::EntryChain;
use crate::entry::{LogEntry, LogEntryId, checksum, encode};
use crate::error::{AppendError, ReadError, TransactError, WriteError};
use crate::evolution::Evolution;
use crate::queue::{WriteQueue, queue};
use crate::settings::Settings;
use crate::standing::Standing;
use crate::work::{Answer, Call, Work, WriteJob, WriteKind};

/// A log whose appends never end.
#[derive(Debug, Default)]
pub(super) struct Silent {
    pub(super) entries: Mutex<Vec<Stored>>,
    pub(super) snapshot: Mutex<Option<Snapshot>>,
    /// The messages that were sent to other processes.
    pub(super) notices: Mutex<Vec<Bytes>>,
}

impl Log for Silent {
    type Follower = Nothing;

    async fn append(&self, _: &str, _: u64, _: Bytes) -> Result<u64, AppendError> {
        std::future::pending().await
    }

    async fn read(&self, _: &str, after: u64) -> Result<Page, ReadError> {
        let entries = self.entries.lock().expect("no panic");
        let entries = entries.iter().filter(|stored| stored.sequence > after).cloned().collect();
        Ok(Page { entries, is_last: true })
    }

    fn follow(&self, _: &str, _: u64) -> Nothing {
        Nothing
    }

    async fn save_snapshot(&self, _: &str, _: Snapshot) -> Result<(), ReadError> {
        Ok(())
    }

    async fn load_snapshot(&self, _: &str) -> Result<Option<Snapshot>, ReadError> {
        Ok(self.snapshot.lock().expect("no panic").clone())
    }

    fn notify(&self, _: &str, message: Bytes) {
        self.notices.lock().expect("no panic").push(message);
    }
}

pub(super) struct Nothing;

impl Follow for Nothing {
    async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
        std::future::pending().await
    }
}

pub(super) type IdleCommitter = Committer<u64, Silent>;

/// A committer, and the queue of its writes.
pub(super) fn idle(settings: Settings) -> (IdleCommitter, WriteQueue<u64>) {
    let (writes, queued) = queue(64);
    let (standing, _) = watch::channel(Standing::Current);
    let beginning = Beginning {
        log: Arc::<Silent>::default(),
        name: "idle".into(),
        model: create_model("idle", 0),
        initial: to_raw_value(&0).expect("JSON").into(),
        chain: EntryChain::at(1, 7, 0),
        evolution: Evolution::of::<u64>(None),
        settings,
        since_snapshot: (0, 0),
        snapshot_size: 0,
    };
    (Committer::new(beginning, queued, standing), writes)
}

pub(super) const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// A committer on a log that has the last entry that the committer has read.
pub(super) fn anchored(settings: Settings) -> (IdleCommitter, WriteQueue<u64>) {
    let (mut committer, writes) = idle(settings);
    let (id, state, writes_of_it) = (LogEntryId(1, 1), None, Vec::new());
    let (log, prev, prev_sum, fingerprint) = (1, 0, 0, 0);
    let entry = LogEntry { log, prev, prev_sum, id, fingerprint, state, writes: writes_of_it };
    let entry = encode(&entry).expect("JSON");
    committer.chain = EntryChain::at(log, 7, checksum(&entry).expect("an entry"));
    committer.log.entries.lock().expect("no panic").push(Stored { sequence: 7, entry });
    (committer, writes)
}

/// The caller of a [`called`] write.
pub(super) type Caller = oneshot::Receiver<Answer<(), Infallible>>;

/// A write that raises the state, and its caller.
pub(super) fn called() -> (WriteJob<u64>, Caller) {
    let (call, caller) = Call::new(|draft: &Model<u64>| {
        draft.update(|state| *state += 1);
        Ok::<_, Infallible>(())
    });
    (job(call), caller)
}

/// The write of a `sync`, and its caller.
pub(super) fn called_barrier() -> (WriteJob<u64>, Caller) {
    let (call, caller) = Call::new(|_: &Model<u64>| Ok::<_, Infallible>(()));
    (WriteJob { kind: WriteKind::Barrier, ..job(call) }, caller)
}

/// The error that a caller has received.
pub(super) fn error(caller: &mut Caller) -> Option<WriteError> {
    match caller.try_recv().ok()?.expect("no write panics") {
        Err(TransactError::Write(error)) => Some(error),
        Ok(_) | Err(TransactError::Refused(_)) => None,
    }
}

/// A write whose caller does not wait for the outcome.
pub(super) fn write() -> WriteJob<u64> {
    called().0
}

/// A write that may take 10 s.
pub(super) fn job<T>(work: impl Work<T> + 'static) -> WriteJob<T> {
    let waits = Duration::from_secs(10);
    WriteJob {
        work: Some(Box::new(work)),
        by: Default::default(),
        deadline: Instant::now() + waits,
        waits,
        kind: WriteKind::Ops,
        place: None,
    }
}
