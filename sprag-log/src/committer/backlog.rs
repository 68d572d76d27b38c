//! [`WriteBacklog`]: the writes that run on the draft and are not in the log yet, in order.

use std::collections::VecDeque;

use serde_json::value::RawValue;
use sprag_runtime::path::State;
use sprag_runtime::{Changeset, Model};
use tokio::time::Instant;

use crate::draft::{EntryDraft, NotKept, Ran, WriteFailure};
use crate::entry::LoggedWrite;
use crate::error::WriteError;
use crate::queue::QueueFullness;
use crate::work::{Work, WriteJob, WriteKind};

pub(crate) struct WriteBacklog<T: 'static> {
    pub(crate) draft: EntryDraft<T>,
    /// The state of the log.
    model: Model<T>,
    pending: VecDeque<Pending<T>>,
    /// The writes behind those of `pending`, which do not run on the draft yet: the draft has no
    /// room for them, or they run again after a lost race.
    waiting: VecDeque<WriteJob<T>>,
    /// How many writes run on the draft before the next entry is sent, if some wait.
    share: usize,
    /// How many of the first writes are in flight.
    sent: usize,
    /// The size of the ops of `pending`. The writes of `waiting` have none before they run.
    bytes: usize,
    next_id: u64,
    /// The sequence of the last entry in the state below the writes.
    pub(crate) sequence: u64,
    /// Whether the draft lacks a write in flight.
    pub(crate) is_broken: bool,
    limits: BacklogLimits,
    /// The callers' side of [`has_room`](Self::has_room).
    fullness: QueueFullness,
}

/// The limits of a backlog.
#[derive(Clone, Debug)]
pub(crate) struct BacklogLimits {
    pub(crate) name: String,
    pub(crate) writes: usize,
    pub(crate) bytes: usize,
    /// The limit of one entry's size.
    pub(crate) entry: usize,
}

struct Pending<T: 'static> {
    job: WriteJob<T>,
    id: u64,
    ops: PendingOps,
}

/// The ops of a write in the entry.
enum PendingOps {
    /// The ops of a commit of the draft.
    Commit(Box<RawValue>),
    /// The empty list of a barrier or an end, which wrote nothing.
    Barrier(Box<RawValue>),
    /// The write wrote nothing, and the entry does not contain it.
    None,
}

impl PendingOps {
    fn logged(&self) -> Option<&RawValue> {
        match self {
            Self::Commit(ops) | Self::Barrier(ops) => Some(ops),
            Self::None => None,
        }
    }

    fn is_commit(&self) -> bool {
        matches!(self, Self::Commit(_))
    }
}

/// The bytes that an entry adds to the ops of a write, without the caller's origin.
const WRITE_OVERHEAD: usize = 48;
/// The bytes of an entry besides its writes.
const ENTRY_OVERHEAD: usize = 256;

impl<T: State + Clone + Send + Sync> WriteBacklog<T> {
    pub(crate) fn new(
        model: Model<T>,
        sequence: u64,
        limits: BacklogLimits,
        fullness: QueueFullness,
    ) -> Self {
        // One more than the limit, since a write runs before it is counted.
        let draft = EntryDraft::new(T::clone(&model.snapshot()), limits.writes + 1);
        Self {
            draft,
            model,
            pending: VecDeque::new(),
            waiting: VecDeque::new(),
            share: usize::MAX,
            sent: 0,
            bytes: 0,
            next_id: 0,
            sequence,
            is_broken: false,
            limits,
            fullness,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.waiting.is_empty()
    }

    /// How many writes wait, or are in flight.
    pub(crate) fn len(&self) -> usize {
        self.pending.len() + self.waiting.len()
    }

    /// Whether the draft has room for a write.
    pub(crate) fn has_room(&self) -> bool {
        self.pending.len() < self.limits.writes && self.bytes < self.limits.bytes
    }

    /// Measures `pending` anew, after writes of it were taken out.
    fn measure(&mut self) {
        self.bytes = self.pending.iter().map(Pending::bytes).sum();
        self.show_room();
    }

    /// Shows the callers whether there is room.
    fn show_room(&self) {
        if self.has_room() { self.fullness.clear() } else { self.fullness.fill() }
    }

    /// The first deadline of a write whose caller still waits.
    pub(crate) fn first_deadline(&self) -> Option<Instant> {
        let jobs = self.pending.iter().map(|pending| &pending.job).chain(&self.waiting);
        jobs.filter(|job| job.work.is_some()).map(|job| job.deadline).min()
    }

    /// Runs `job` on the draft; behind the waiting writes, and when there is room.
    pub(crate) fn push(&mut self, job: WriteJob<T>) {
        let runs = self.waiting.is_empty() && self.has_room();
        if runs { self.run(job) } else { self.waiting.push_back(job) }
    }

    /// Runs the waiting writes on the draft, up to the share of the next entry and while there is
    /// room.
    pub(crate) fn fill(&mut self) {
        while self.pending.len() < self.share
            && self.has_room()
            && let Some(job) = self.waiting.pop_front()
        {
            self.run(job);
        }
    }

    /// Halves the next entry: another process was faster than the entry in flight.
    pub(crate) fn halve_share(&mut self) {
        self.share = (self.pending.len().min(self.share) / 2).max(1);
    }

    /// Doubles the next entry, since this one was the fastest.
    fn double_share(&mut self) {
        self.share = self.share.saturating_mul(2);
    }

    /// Runs `job` on the draft. Replies to its caller if there is nothing to log.
    fn run(&mut self, job: WriteJob<T>) {
        let WriteJob { work: Some(mut work), place, .. } = job else { return };
        let ran = self.draft.run(&mut *work);
        drop(place);
        let job = WriteJob { work: None, place: None, ..job };
        match ran {
            Ran::Wrote(ops) if ENTRY_OVERHEAD + size(&job, &ops) > self.limits.entry => {
                self.refuse_size(work, size(&job, &ops));
            }
            Ran::Wrote(ops) => {
                self.keep(WriteJob { work: Some(work), ..job }, PendingOps::Commit(ops));
            }
            Ran::Nothing if job.kind != WriteKind::Ops => {
                let ops = RawValue::from_string("[]".to_owned());
                let ops = ops.map_or(PendingOps::None, PendingOps::Barrier);
                self.keep(WriteJob { work: Some(work), ..job }, ops);
            }
            Ran::Nothing if self.pending.is_empty() => work.finish(self.sequence),
            Ran::Nothing => self.keep(WriteJob { work: Some(work), ..job }, PendingOps::None),
            Ran::Failed(failure) => self.fail(work, failure),
            Ran::Stuck(failure) => {
                self.fail(work, failure);
                self.begin_again();
            }
        }
    }

    fn fail(&self, work: Box<dyn Work<T>>, failure: WriteFailure) {
        match failure {
            WriteFailure::Unwritable(reason) => {
                work.fail(WriteError::Unwritable { name: self.limits.name.clone(), reason });
            }
            WriteFailure::Panicked(panic) => work.panic(panic),
        }
    }

    /// Rebuilds the draft: the state of the log, the writes in flight, and the waiting
    /// ones.
    fn begin_again(&mut self) {
        self.restore(T::clone(&self.model.snapshot()));
        self.run_again_from(self.sent);
    }

    fn keep(&mut self, job: WriteJob<T>, ops: PendingOps) {
        let pending = Pending { job, id: self.next_id, ops };
        self.next_id += 1;
        self.bytes += pending.bytes();
        self.pending.push_back(pending);
        self.show_room();
    }

    fn refuse_size(&mut self, work: Box<dyn Work<T>>, bytes: usize) {
        let taken_back = self.draft.take_back();
        let (name, limit) = (self.limits.name.clone(), self.limits.entry);
        work.fail(WriteError::TooLarge { name, bytes, limit });
        if taken_back.is_err() {
            self.begin_again();
        }
    }

    /// The writes of the next entry, up to its limit. They count as in flight from now on.
    pub(crate) fn send(&mut self) -> Vec<LoggedWrite> {
        let (mut size, mut is_ended) = (ENTRY_OVERHEAD, false);
        let fits = |pending: &&Pending<T>| {
            size += pending.bytes();
            let fits = size <= self.limits.entry && !is_ended;
            is_ended = pending.job.kind == WriteKind::End;
            fits
        };
        self.sent = self.pending.iter().take_while(fits).count();
        self.pending.iter().take(self.sent).filter_map(Pending::to_write).collect()
    }

    /// Marks the writes in flight as waiting again, since their entry was certainly not
    /// stored.
    pub(crate) fn unsend(&mut self) {
        self.sent = 0;
    }

    /// Marks the entry in flight as stored, at `sequence`.
    ///
    /// Returns how many writes the entry had.
    pub(crate) fn confirm(&mut self, sequence: u64) -> usize {
        self.sequence = sequence;
        let sent = std::mem::take(&mut self.sent);
        if self.pending.iter().take(sent).any(|pending| pending.ops.logged().is_some()) {
            self.double_share();
        }
        let confirmed: Vec<_> = self.pending.drain(..sent).collect();
        self.measure();
        self.forget_reverts();
        confirmed.into_iter().for_each(|pending| pending.finish(sequence));
        self.finish_first();
        sent
    }

    /// Replies to the first writes that wrote nothing, since the state that they saw is in
    /// the log.
    fn finish_first(&mut self) {
        while let Some(first) = self.pending.pop_front_if(|first| first.ops.logged().is_none()) {
            first.finish(self.sequence);
        }
    }

    /// Reverts all writes, so that the draft is the state of the log, which is `state`.
    pub(crate) fn take_all_back(&mut self, state: impl FnOnce() -> T) {
        self.sent = 0;
        if self.take_back_from(0).is_err() {
            self.draft.reset(state());
        }
    }

    /// Runs the writes again on the present draft.
    pub(crate) fn run_all_again(&mut self) {
        self.run_again_from(0);
    }

    /// Fails the writes whose deadline has passed; the outcome of those in flight is
    /// unknown. `state` is the state of the log.
    pub(crate) fn expire(&mut self, now: Instant, reason: &str, state: impl FnOnce() -> T) {
        let late = |job: &WriteJob<T>| job.deadline <= now;
        let name = self.limits.name.clone();
        let unavailable = |waited| {
            let (name, reason) = (name.clone(), reason.to_owned());
            WriteError::Unavailable { name, waited, reason }
        };
        self.give_up_sent(late);
        let empty = self.pending.iter_mut().take(self.sent).map(|pending| &mut pending.job);
        for job in empty.filter(|job| late(job)) {
            if let Some(work) = job.work.take() {
                work.fail(unavailable(job.waits));
            }
        }
        let mut unsent = self.pending.iter().skip(self.sent);
        let first = unsent.position(|pending| late(&pending.job)).map(|first| self.sent + first);
        if let Some(first) = first {
            match self.take_back_from(first) {
                Ok(()) => self.defer_from(first),
                Err(NotKept) => {
                    self.restore(state());
                    self.defer_from(self.sent);
                }
            }
        }
        let waiting = std::mem::take(&mut self.waiting);
        let (expired, rest): (VecDeque<_>, _) = waiting.into_iter().partition(late);
        self.waiting = rest;
        self.fill();
        for job in expired {
            let waited = job.waits;
            fail(job, unavailable(waited));
        }
    }

    /// Fails all writes; the outcome of those in flight is unknown.
    pub(crate) fn fail_all(&mut self, error: impl Fn() -> WriteError) {
        self.give_up_sent(|_| true);
        self.sent = 0;
        let pending = std::mem::take(&mut self.pending);
        self.measure();
        let jobs = pending.into_iter().map(|pending| pending.job).chain(self.waiting.drain(..));
        jobs.for_each(|job| fail(job, error()));
    }

    /// Fails the writes in flight, which were not stored. `state` is the state of the log.
    pub(crate) fn fail_sent(&mut self, error: impl Fn() -> WriteError, state: impl FnOnce() -> T) {
        let sent = self.sent;
        self.take_all_back(state);
        self.pending.drain(..sent).for_each(|pending| fail(pending.job, error()));
        self.run_all_again();
    }

    /// Replies to the writes in flight that `wants` selects: their outcome is unknown. That of
    /// the others in flight that wrote nothing, reads and barriers, is not in doubt.
    pub(crate) fn give_up_sent(&mut self, wants: impl Fn(&WriteJob<T>) -> bool) {
        let sent = self.pending.iter_mut().take(self.sent).filter(|pending| pending.changes());
        for pending in sent.filter(|pending| wants(&pending.job)) {
            let job = &mut pending.job;
            let (name, waited) = (self.limits.name.clone(), job.waited());
            if let Some(work) = job.work.take() {
                work.fail(WriteError::Unknown { name, waited });
            }
        }
    }

    /// Runs the reverted writes from `first` on again, up to the share of the next entry.
    fn run_again_from(&mut self, first: usize) {
        self.defer_from(first);
        self.forget_reverts();
        self.fill();
    }

    /// Only the pending writes can be reverted; the draft keeps the values of no other.
    fn forget_reverts(&self) {
        let revertible = self.pending.iter().filter(|pending| pending.ops.is_commit());
        self.draft.keep_latest(revertible.count());
    }

    /// Moves the reverted writes from `first` on to the waiting ones, unless their callers
    /// have received a reply.
    fn defer_from(&mut self, first: usize) {
        let again = self.pending.split_off(first).into_iter().map(|pending| pending.job);
        let behind = std::mem::take(&mut self.waiting);
        self.waiting = again.filter(|job| job.work.is_some()).chain(behind).collect();
        self.measure();
    }

    /// Reverts the writes from `first` on, the latest first.
    fn take_back_from(&mut self, first: usize) -> Result<(), NotKept> {
        let mut made =
            self.pending.iter().skip(first).rev().filter(|pending| pending.ops.is_commit());
        made.try_for_each(|_| self.draft.take_back())
    }

    /// Rebuilds the draft: the state of the log, and the writes in flight.
    fn restore(&mut self, state: T) {
        self.draft.reset(state);
        for pending in self.pending.iter().take(self.sent).filter(|pending| pending.ops.is_commit())
        {
            let set = pending.to_changeset();
            self.is_broken |= self.draft.apply(&set).is_err();
        }
    }
}

impl<T: 'static> Pending<T> {
    /// Whether the log is another one with this write than without it.
    fn changes(&self) -> bool {
        self.ops.is_commit() || self.job.kind == WriteKind::End
    }

    fn bytes(&self) -> usize {
        self.ops.logged().map_or(0, |ops| size(&self.job, ops))
    }

    fn to_write(&self) -> Option<LoggedWrite> {
        let ops = self.ops.logged()?.to_owned();
        let ends = self.job.kind == WriteKind::End;
        Some(LoggedWrite { id: self.id, by: self.job.by.clone(), ops, ends })
    }

    fn to_changeset(&self) -> Changeset {
        let ops = self.ops.logged().map(|ops| serde_json::from_str(ops.get()));
        Changeset::new(0, 0, ops.and_then(Result::ok).unwrap_or_default())
    }

    fn finish(self, sequence: u64) {
        if let Some(work) = self.job.work {
            work.finish(sequence);
        }
    }
}

/// Replies to the caller of a write that is not in the log.
fn fail<T>(job: WriteJob<T>, error: WriteError) {
    if let Some(work) = job.work {
        work.fail(error);
    }
}

/// The size of a write in an entry.
fn size<T>(job: &WriteJob<T>, ops: &RawValue) -> usize {
    let by: usize = job.by.iter().map(|origin| 2 * origin.tag().len() + 32).sum();
    WRITE_OVERHEAD + by + ops.get().len()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use sprag_runtime::{Origin, create_model};
    use tokio::sync::oneshot::Receiver;

    use super::super::idle::job;
    use super::*;
    use crate::entry::{LogEntry, LogEntryId, encode};
    use crate::error::TransactError;
    use crate::work::{Answer, Call};

    type List = Vec<u64>;
    type Backlog = WriteBacklog<List>;
    type Caller = Receiver<Answer<usize, Infallible>>;

    fn backlog(limits: impl FnOnce(&mut BacklogLimits)) -> Backlog {
        let mut of =
            BacklogLimits { name: "list".to_owned(), writes: 100, bytes: 1 << 20, entry: 1 << 20 };
        limits(&mut of);
        WriteBacklog::new(create_model("list", Vec::new()), 7, of, QueueFullness::default())
    }

    /// A write that adds `value` and returns the length.
    fn push(value: u64) -> (WriteJob<List>, Caller) {
        let (call, caller) = Call::new(move |draft: &Model<List>| {
            draft.update(|list| list.push(value));
            Ok(draft.snapshot().len())
        });
        (job(call), caller)
    }

    /// A transaction that writes nothing, and returns the length.
    fn read() -> (WriteJob<List>, Caller) {
        let (call, caller) = Call::new(|draft: &Model<List>| Ok(draft.snapshot().len()));
        (job(call), caller)
    }

    fn of_kind(
        kind: WriteKind,
        (job, caller): (WriteJob<List>, Caller),
    ) -> (WriteJob<List>, Caller) {
        (WriteJob { kind, ..job }, caller)
    }

    /// Gives the backlog `count` writes; returns their callers.
    fn push_many(backlog: &mut Backlog, count: u64) -> Vec<Caller> {
        let push = |value| {
            let (job, caller) = push(value);
            backlog.push(job);
            caller
        };
        (0..count).map(push).collect()
    }

    /// The reply that a caller has received: its result and sequence, or the error.
    fn reply(caller: &mut Caller) -> Option<Result<(usize, u64), WriteError>> {
        match caller.try_recv().ok()?.expect("no write panics") {
            Ok(made) => Some(Ok(made)),
            Err(TransactError::Write(error)) => Some(Err(error)),
            Err(TransactError::Refused(never)) => match never {},
        }
    }

    fn sizes(backlog: &Backlog) -> Vec<usize> {
        backlog.pending.iter().map(Pending::bytes).collect()
    }

    #[tokio::test]
    async fn l4a_a_backlog_has_room_for_so_many_writes() {
        let mut backlog = backlog(|of| of.writes = 3);
        for count in 0..3 {
            assert!(backlog.has_room() && backlog.len() == count);
            assert_eq!(backlog.is_empty(), count == 0);
            backlog.push(push(1).0);
        }
        assert!(!backlog.has_room() && backlog.len() == 3);
    }

    #[tokio::test]
    async fn l4a_a_backlog_has_room_for_so_many_bytes_and_again_when_they_are_in_the_log() {
        let mut sized = backlog(|_| {});
        push_many(&mut sized, 2);
        let bytes = sizes(&sized);
        assert!(bytes.iter().all(|bytes| *bytes > WRITE_OVERHEAD), "{bytes:?}");
        let mut backlog = backlog(|of| of.bytes = bytes[0] + bytes[1]);
        push_many(&mut backlog, 1);
        assert!(backlog.has_room());
        backlog.send();
        push_many(&mut backlog, 1);
        assert!(!backlog.has_room());
        assert_eq!(backlog.confirm(8), 1);
        assert!(backlog.has_room());
    }

    #[tokio::test]
    async fn l4a_the_estimate_of_an_entry_is_no_smaller_than_the_entry() {
        let mut backlog = backlog(|_| {});
        let quotes = &*"\"".repeat(1_000);
        for (number, tag) in [(1, "a"), (u64::MAX, "\u{1}\"\\"), (7, quotes)] {
            let (job, _) = push(u64::MAX);
            let by = [Origin::new(tag, number), Origin::new(tag, number)];
            backlog.push(WriteJob { by: by[..].into(), ..job });
        }
        backlog.next_id = u64::MAX - 100;
        backlog.push(of_kind(WriteKind::End, push(u64::MAX)).0);
        let estimate = ENTRY_OVERHEAD + sizes(&backlog).iter().sum::<usize>();
        let id = LogEntryId(u64::MAX, u64::MAX);
        let (log, prev, prev_sum, fingerprint) = (u64::MAX, u64::MAX, u32::MAX, u32::MAX);
        let writes = backlog.send();
        let entry = LogEntry { log, prev, prev_sum, id, fingerprint, state: None, writes };
        let size = encode(&entry).expect("JSON").len();
        assert!(size <= estimate && estimate < 2 * size, "{estimate} for {size} bytes");
    }

    #[tokio::test]
    async fn l4a_an_entry_is_cut_at_its_limit_and_a_larger_write_is_refused() {
        let mut sized = backlog(|_| {});
        push_many(&mut sized, 3);
        let bytes = sizes(&sized);
        let two = ENTRY_OVERHEAD + bytes[0] + bytes[1];
        for (entry, sent) in [(two, 2), (two - 1, 1), (two + 1, 2)] {
            let mut backlog = backlog(|of| of.entry = entry);
            let _callers = push_many(&mut backlog, 3);
            assert_eq!(backlog.send().len(), sent, "a limit of {entry}");
        }
        let one = ENTRY_OVERHEAD + bytes[0];
        let mut fits = backlog(|of| of.entry = one);
        let mut caller = push_many(&mut fits, 1).remove(0);
        assert!(reply(&mut caller).is_none() && fits.len() == 1);
        let mut small = backlog(|of| of.entry = one - 1);
        let mut caller = push_many(&mut small, 1).remove(0);
        let refused = reply(&mut caller).expect("a reply").expect_err("it is too large");
        let expected = (bytes[0], one - 1);
        let is_expected = matches!(refused, WriteError::TooLarge { bytes, limit, .. } if (bytes, limit) == expected);
        assert!(is_expected, "{refused:?}");
        assert!(small.is_empty());
    }

    #[tokio::test]
    async fn l3a_nothing_follows_the_end_of_a_log_in_its_entry() {
        let mut backlog = backlog(|_| {});
        let _callers = push_many(&mut backlog, 1);
        let (end, _caller) = of_kind(WriteKind::End, read());
        backlog.push(end);
        let _behind = push_many(&mut backlog, 1);
        let ends: Vec<_> = backlog.send().iter().map(|write| write.ends).collect();
        assert_eq!(ends, [false, true]);
        assert_eq!((backlog.confirm(8), backlog.len()), (2, 1));
    }

    #[tokio::test]
    async fn l9_a_lost_race_halves_the_next_entry_and_each_that_counts_doubles_it() {
        let mut backlog = backlog(|_| {});
        let _callers = push_many(&mut backlog, 13);
        let lose = |backlog: &mut Backlog| {
            backlog.send();
            backlog.halve_share();
            backlog.take_all_back(Vec::new);
            backlog.run_all_again();
            backlog.send().len()
        };
        assert_eq!((lose(&mut backlog), lose(&mut backlog), backlog.len()), (6, 3, 13));
        let mut counts = |sequence| {
            backlog.confirm(sequence);
            backlog.fill();
            backlog.send().len()
        };
        assert_eq!((counts(8), counts(9)), (6, 4));
        assert_eq!(backlog.len(), 4);
        let _more = push_many(&mut backlog, 1);
        assert_eq!([lose(&mut backlog), lose(&mut backlog), lose(&mut backlog)], [2, 1, 1]);
    }

    #[tokio::test]
    async fn l4_callers_receive_their_results_when_what_they_have_seen_is_in_the_log() {
        let mut backlog = backlog(|_| {});
        let ((alone, mut caller), (behind, mut later)) = (read(), read());
        backlog.push(alone);
        assert_eq!(reply(&mut caller).expect("a reply").expect("read"), (0, 7));
        let mut callers = push_many(&mut backlog, 2);
        backlog.push(behind);
        let ids: Vec<_> = backlog.send().iter().map(|write| write.id).collect();
        assert_eq!(ids, [0, 1]);
        assert!(callers.iter_mut().chain([&mut later]).all(|caller| reply(caller).is_none()));
        backlog.confirm(9);
        for (caller, length) in callers.iter_mut().chain([&mut later]).zip([1, 2, 2]) {
            assert_eq!(reply(caller).expect("a reply").expect("made"), (length, 9));
        }
        assert!(backlog.is_empty());
    }

    #[tokio::test]
    async fn l4_a_read_behind_a_write_in_flight_returns_with_it_and_no_write_is_kept_for_a_revert()
    {
        for kind in [WriteKind::Ops, WriteKind::Barrier] {
            let mut backlog = backlog(|_| {});
            let _callers = push_many(&mut backlog, 1);
            backlog.send();
            let (behind, mut caller) = of_kind(kind, read());
            backlog.push(behind);
            assert_eq!(backlog.confirm(9), 1);
            let is_read = kind == WriteKind::Ops;
            assert_eq!(reply(&mut caller).is_some(), is_read);
            assert_eq!(backlog.is_empty(), is_read);
            assert!(backlog.draft.take_back().is_err(), "the write is in the log");
        }
    }

    #[tokio::test]
    async fn l4_a_barrier_is_an_entry_and_a_read_is_not() {
        let mut backlog = backlog(|_| {});
        let (barrier, mut caller) = of_kind(WriteKind::Barrier, read());
        backlog.push(barrier);
        let writes = backlog.send();
        assert_eq!((writes.len(), writes[0].ops.get()), (1, "[]"));
        backlog.confirm(8);
        assert_eq!(reply(&mut caller).expect("a reply").expect("read"), (0, 8));
    }

    #[tokio::test(start_paused = true)]
    async fn l4a_a_late_write_fails_alone_and_one_in_flight_is_unknown() {
        let mut backlog = backlog(|_| {});
        assert_eq!(backlog.first_deadline(), None);
        let mut callers = push_many(&mut backlog, 1);
        backlog.send();
        let (late, mut late_caller) = push(10);
        let soon = Instant::now() + Duration::from_secs(1);
        backlog.push(WriteJob { deadline: soon, ..late });
        callers.extend(push_many(&mut backlog, 1));
        assert_eq!(backlog.first_deadline(), Some(soon));
        backlog.expire(soon, "of the test", Vec::new);
        let failed = reply(&mut late_caller).expect("a reply").expect_err("it is late");
        assert!(matches!(failed, WriteError::Unavailable { .. }), "{failed:?}");
        assert!(callers.iter_mut().all(|caller| reply(caller).is_none()));
        let end = Instant::now() + Duration::from_secs(10);
        assert_eq!(backlog.first_deadline(), Some(end));
        backlog.expire(end, "of the test", Vec::new);
        let failures: Vec<_> = callers.iter_mut().map(reply).collect();
        assert!(matches!(failures[0], Some(Err(WriteError::Unknown { .. }))), "{failures:?}");
        assert!(matches!(failures[1], Some(Err(WriteError::Unavailable { .. }))), "{failures:?}");
        assert_eq!((backlog.len(), backlog.first_deadline()), (1, None));
    }

    #[tokio::test(start_paused = true)]
    async fn l4a_what_wrote_nothing_is_never_unknown_but_the_end_of_a_log_is() {
        let in_flight = || {
            let mut backlog = backlog(|_| {});
            let mut callers = push_many(&mut backlog, 1);
            for kind in [WriteKind::Barrier, WriteKind::Ops, WriteKind::Barrier, WriteKind::End] {
                let (job, caller) = of_kind(kind, read());
                backlog.push(job);
                callers.push(caller);
            }
            assert_eq!((backlog.send().len(), backlog.sent), (4, 5));
            (backlog, callers)
        };
        let failures = |callers: &mut Vec<Caller>| -> Vec<_> {
            callers.iter_mut().map(|caller| reply(caller).and_then(Result::err)).collect()
        };
        let is_unknown =
            |error: &Option<WriteError>| matches!(error, Some(WriteError::Unknown { .. }));
        let unknown = [true, false, false, false, true];

        let (mut late, mut callers) = in_flight();
        late.expire(Instant::now() + Duration::from_secs(10), "of the test", Vec::new);
        let failed = failures(&mut callers);
        assert!(failed.iter().map(is_unknown).eq(unknown), "{failed:?}");
        let is_late =
            |error: &Option<WriteError>| matches!(error, Some(WriteError::Unavailable { .. }));
        assert!(failed[1..4].iter().all(is_late), "{failed:?}");
        assert_eq!(late.confirm(8), 5, "their places in the entry are kept");

        let (mut stopped, mut callers) = in_flight();
        stopped.fail_all(|| WriteError::Stopped { name: "list".to_owned() });
        let failed = failures(&mut callers);
        assert!(failed.iter().map(is_unknown).eq(unknown), "{failed:?}");
        let is_stopped =
            |error: &Option<WriteError>| matches!(error, Some(WriteError::Stopped { .. }));
        assert!(failed[1..4].iter().all(is_stopped), "{failed:?}");
    }

    #[tokio::test]
    async fn l4_a_write_in_flight_that_does_not_fit_the_state_of_the_log_ends_the_model() {
        let mut backlog = backlog(|_| {});
        let _callers = push_many(&mut backlog, 2);
        backlog.send();
        backlog.restore(Vec::new());
        assert!(!backlog.is_broken);
        // The second value has a place behind the first one.
        backlog.pending.pop_front();
        backlog.restore(Vec::new());
        backlog.restore(vec![0]);
        assert!(backlog.is_broken, "it stays so");
    }

    #[tokio::test(start_paused = true)]
    async fn l4a_a_failure_of_all_leaves_the_backlog_empty() {
        let mut backlog = backlog(|of| of.writes = 2);
        let mut callers = push_many(&mut backlog, 2);
        backlog.send();
        let (stopped, second) =
            (|| WriteError::Stopped { name: "list".to_owned() }, Duration::from_secs(1));
        tokio::time::advance(second).await;
        backlog.fail_all(stopped);
        for caller in &mut callers {
            let failed = reply(caller).expect("a reply").expect_err("it failed");
            let is_unknown =
                matches!(failed, WriteError::Unknown { waited, .. } if waited == second);
            assert!(is_unknown, "{failed:?}");
        }
        assert!(backlog.is_empty() && backlog.has_room());
    }
}
