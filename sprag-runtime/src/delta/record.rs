//! [`Record`]: the changes of one commit, known at once or found later by comparison;
//! [`HeldRecord`]: a record as its readers hold it.

use std::any::Any;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use smallvec::SmallVec;

use super::cause::Cause;
use super::compare::{compare, refine};
use super::known::Known;
use super::op::{RecordedOp, ValueOrigin};
use super::plain::{PlainPlace, PlainSet};
use crate::sync::{Condvar, Mutex};

/// The record of one commit.
pub(crate) enum HeldRecord {
    /// A set, for the only reader, without a count of references.
    Set(Box<SetRecord>),
    Shared(Arc<Record>),
}

/// The way of a reader with another one that compares.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum OtherReader {
    /// Waits for its ops.
    Awaited,
    /// Compares as well: the caller has a lock, for which the other one's `PartialEq` could
    /// wait.
    Ignored,
}

/// A set that no history caused, with the versions of its commit once it is captured.
#[derive(Clone)]
pub(crate) struct SetRecord {
    pub(crate) from: u64,
    pub(crate) version: u64,
    root: &'static Known,
    set: PlainSet,
}

/// The ops of one commit, shared by all readers.
pub(crate) struct Record {
    root: &'static Known,
    /// `None` for a write that no history caused.
    cause: Option<Box<Cause>>,
    /// The only op of the commit, unless `found` has the ops.
    set: Option<PlainSet>,
    found: Mutex<FoundOps>,
    /// Notified when a reader has ended its comparison.
    compared: Condvar,
}

/// The ops of a record, as far as a reader has found them.
struct FoundOps {
    ops: RecordedOps,
    /// The thread whose reader compares for all readers.
    reader: Option<ThreadId>,
}

/// A state of a cell, whatever its type: the compiler generates the code of records once.
pub(crate) type AnyState = Arc<dyn Any + Send + Sync>;

/// Two states, of which the second is the commit's.
pub(crate) struct StatePair {
    old: AnyState,
    new: AnyState,
}

enum RecordedOps {
    /// The set of the record, as an op.
    Set,
    Ops(Arc<[RecordedOp]>),
    /// Ops of which some set an edited value, to be compared by the first who reads them.
    Edits(Arc<[RecordedOp]>),
    /// To be compared by the first who reads the ops, at the latest by the next write.
    Later(StatePair),
}

/// The source of ops that no reader has read yet.
enum Unread {
    Set,
    Edits(Arc<[RecordedOp]>),
    States(StatePair),
}

impl FoundOps {
    /// Whether another thread is about to find the ops.
    fn is_compared_by_another(&self) -> bool {
        let is_another = |reader: ThreadId| reader != thread::current().id();
        !matches!(self.ops, RecordedOps::Ops(_)) && self.reader.is_some_and(is_another)
    }
}

/// The source of ops that are not found yet, with the role of the reader that finds them for
/// all; without the role where another reader has it.
type OpsToFind<'a> = (Unread, Option<ComparingReader<'a>>);

/// The role of the reader that compares for all, until its comparison ends or panics.
struct ComparingReader<'a>(&'a Record);

impl Drop for ComparingReader<'_> {
    fn drop(&mut self) {
        self.0.found.lock().reader = None;
        self.0.compared.notify_all();
    }
}

impl Clone for HeldRecord {
    fn clone(&self) -> Self {
        match self {
            Self::Set(record) => Self::Set(record.clone()),
            Self::Shared(record) => Self::Shared(Arc::clone(record)),
        }
    }
}

impl SetRecord {
    /// A record of a set at `place`, whose keys and values are still to be put in: they are
    /// written where they stay, since a copy would wait for the stores before it.
    #[inline]
    pub(crate) fn begin(
        root: &'static Known,
        place: &'static PlainPlace,
        origin: ValueOrigin,
    ) -> Box<Self> {
        Box::new(Self { from: 0, version: 0, root, set: PlainSet::begin(place, origin) })
    }

    pub(crate) fn set(&self) -> &PlainSet {
        &self.set
    }

    pub(crate) fn set_mut(&mut self) -> &mut PlainSet {
        &mut self.set
    }

    pub(crate) fn root(&self) -> Known {
        *self.root
    }

    /// The op of the set.
    pub(crate) fn ops(&self) -> Arc<[RecordedOp]> {
        Arc::new([self.set.op()])
    }

    /// The record for several readers.
    pub(crate) fn into_shared(self) -> Arc<Record> {
        Arc::new(Record::of_set(self.root, self.set))
    }
}

impl HeldRecord {
    /// A record of a set.
    #[inline]
    pub(crate) fn of_set(record: Box<SetRecord>) -> Self {
        if Cause::is_present() || record.set.is_edit() {
            return Self::Shared(record.into_shared());
        }
        Self::Set(record)
    }

    /// The record for several readers.
    pub(crate) fn into_shared(self) -> Arc<Record> {
        match self {
            Self::Set(record) => record.into_shared(),
            Self::Shared(record) => record,
        }
    }

    /// The set that is the whole commit, if the record knows that without making its op.
    pub(crate) fn set(&self) -> Option<&PlainSet> {
        match self {
            Self::Set(record) => Some(record.set()),
            Self::Shared(record) => record.set.as_ref(),
        }
    }

    pub(crate) fn root(&self) -> Known {
        match self {
            Self::Set(record) => record.root(),
            Self::Shared(record) => record.root(),
        }
    }

    /// The ops. The first call may compare two whole states.
    pub(crate) fn ops(&self, other: OtherReader) -> Arc<[RecordedOp]> {
        match self {
            Self::Set(record) => record.ops(),
            Self::Shared(record) => record.ops(other),
        }
    }
}

impl Clone for StatePair {
    fn clone(&self) -> Self {
        Self { old: Arc::clone(&self.old), new: Arc::clone(&self.new) }
    }
}

impl Record {
    /// A record of a write that named its places.
    pub(crate) fn of_ops(root: &'static Known, ops: SmallVec<[RecordedOp; 1]>) -> Self {
        let ops: Arc<[RecordedOp]> = match ops.into_inner() {
            Ok(one) => Arc::new(one),
            Err(ops) => ops.into_vec().into(),
        };
        let is_edited = ops.iter().any(|op| op.edited().is_some());
        let ops = if is_edited { RecordedOps::Edits(ops) } else { RecordedOps::Ops(ops) };
        Self::new(root, None, ops)
    }

    /// A record of a set.
    pub(crate) fn of_set(root: &'static Known, set: PlainSet) -> Self {
        if set.is_edit() {
            return Self::of_ops(root, SmallVec::from_buf([set.op()]));
        }
        Self::new(root, Some(set), RecordedOps::Set)
    }

    /// A record of a write that may have changed anything.
    pub(crate) fn of_states(root: &'static Known, old: AnyState, new: AnyState) -> Self {
        Self::new(root, None, RecordedOps::Later(StatePair { old, new }))
    }

    fn new(root: &'static Known, set: Option<PlainSet>, found: RecordedOps) -> Self {
        let found = Mutex::new(FoundOps { ops: found, reader: None });
        Self { root, cause: Cause::present(), set, found, compared: Condvar::new() }
    }

    pub(crate) fn cause(&self) -> Option<&Cause> {
        self.cause.as_deref()
    }

    pub(crate) fn root(&self) -> Known {
        *self.root
    }

    /// The ops. The first call may compare two whole states.
    pub(crate) fn ops(&self, other: OtherReader) -> Arc<[RecordedOp]> {
        let (unread, _role) = match self.read(other) {
            Ok(ops) => return ops,
            Err(unread) => unread,
        };
        // Compared and dropped outside of the lock: both run the user's code.
        let ops: Vec<RecordedOp> = match &unread {
            Unread::Set => self.set.iter().map(PlainSet::op).collect(),
            Unread::States(StatePair { old, new }) => compare(*self.root, &**old, &**new),
            Unread::Edits(edits) => {
                edits.iter().flat_map(|op| refine(*self.root, op.clone())).collect()
            }
        };
        let (ops, _discarded) = self.settle_with(ops.into());
        ops
    }

    /// The ops, once they are found. The error is their source.
    fn read(&self, other: OtherReader) -> Result<Arc<[RecordedOp]>, OpsToFind<'_>> {
        let mut found = self.found.lock();
        while other == OtherReader::Awaited && found.is_compared_by_another() {
            self.compared.wait(&mut found);
        }
        let unread = match &found.ops {
            RecordedOps::Ops(ops) => return Ok(Arc::clone(ops)),
            RecordedOps::Set => Unread::Set,
            RecordedOps::Edits(edits) => Unread::Edits(Arc::clone(edits)),
            RecordedOps::Later(pair) => Unread::States(pair.clone()),
        };
        Err((unread, self.lead(&mut found)))
    }

    /// The role of the reader that compares for all, unless another one has it.
    fn lead(&self, found: &mut FoundOps) -> Option<ComparingReader<'_>> {
        if found.reader.is_some() {
            return None;
        }
        found.reader = Some(thread::current().id());
        Some(ComparingReader(self))
    }

    /// Compares the states, if that is still to be done and no reader does so, so that the
    /// record holds nothing of the present state. Returns the old state for the caller to drop
    /// outside of its lock. Does not wait for a reader, which may wait for the caller's lock.
    pub(crate) fn settle(&self) -> Option<AnyState> {
        let (pair, _role) = {
            let mut found = self.found.lock();
            let RecordedOps::Later(pair) = &found.ops else { return None };
            let pair = pair.clone();
            (pair, self.lead(&mut found)?)
        };
        let (old, new): (&dyn Any, &dyn Any) = (&*pair.old, &*pair.new);
        drop(self.settle_with(compare(*self.root, old, new).into()));
        Some(pair.old)
    }

    /// Keeps `ops`, unless another reader was first. Returns the kept ops, and what they
    /// replace.
    fn settle_with(&self, ops: Arc<[RecordedOp]>) -> (Arc<[RecordedOp]>, Option<RecordedOps>) {
        let mut found = self.found.lock();
        if let RecordedOps::Ops(first) = &found.ops {
            return (Arc::clone(first), None);
        }
        let replaced = std::mem::replace(&mut found.ops, RecordedOps::Ops(Arc::clone(&ops)));
        (ops, Some(replaced))
    }
}
