//! [`History`]: undo and redo, in memory.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use super::apply::make_steps;
use super::commit::Commit;
use super::reader::other_reader;
use super::stream::{Commits, TakenCommit};
use crate::cell::change::Delivered;
use crate::cell::origin::Origin;
use crate::cell::{CallTime, Cell, in_callback, subscriber};
use crate::delta::{Cause, DeltaStep, Known, Purpose, Record, RecordedOp};
use crate::error::{HistoryError, cut};
use crate::path::{PathText, Route, with_texts};
use crate::subscription::Subscription;
use crate::sync::atomic::Ordering;
use crate::sync::{Mutex, StaticCounter};

/// Undo and redo for the writes of a [`Model`](crate::Model) or a [`Store`](crate::Store),
/// returned by [`Model::history`](crate::Model::history).
///
/// Each commit, or each [`group`](Self::group), is an entry. Undoing an entry restores the
/// values that it replaced, as one commit like any other, and affects only the places of
/// that entry: other writes in between are kept. If one of the places was written since, or
/// an element of a list has moved, [`undo`](Self::undo) returns an error and changes
/// nothing. A new write after an undo removes the entries that could be redone; what
/// callbacks write while the undo is delivered on its own thread is a part of the undo.
///
/// The history of a handle without an origin has the commits of all writers. That of a
/// handle [with an origin](crate::Model::by) has the commits of this origin alone: a commit
/// of another writer, or of several, is not an entry, and removes nothing that could be
/// redone. Its undo and its redo have the origin. A write of a field that serde flattens is
/// one of the value around it, so its undo is refused after a write beside the field.
///
/// Dropping the history ends it. A history counts as a handle of the state.
pub struct History<T: 'static> {
    cell: Arc<Cell<T>>,
    root: &'static Known,
    noted: NotedCommits,
    stacks: Arc<Mutex<Stacks>>,
    _subscription: Subscription,
}

/// The commits that a history notes: those of a writer or of all, and those in its groups.
#[derive(Clone)]
struct NotedCommits {
    /// The number of the history.
    history: u64,
    /// `None` for all writers.
    origin: Option<Origin>,
}

/// The commits that can be undone and redone, the latest last.
struct Stacks {
    undo: VecDeque<UndoEntry>,
    redo: VecDeque<UndoEntry>,
    count: usize,
}

/// Commits that are undone together.
struct UndoEntry {
    cause: Cause,
    records: Vec<Arc<Record>>,
}

impl<T: Clone + Send + Sync + 'static> History<T> {
    /// The history of the commits of `origin`, or of all.
    pub(crate) fn of(
        cell: &Arc<Cell<T>>,
        root: &'static Known,
        origin: Option<Origin>,
        count: usize,
    ) -> Self {
        static IDS: StaticCounter = StaticCounter::new(1);
        let noted = NotedCommits { history: IDS.fetch_add(1, Ordering::Relaxed), origin };
        let stacks = Stacks { undo: VecDeque::new(), redo: VecDeque::new(), count };
        let stacks = Arc::new(Mutex::new(stacks));
        let note = {
            let (noted, stacks) = (noted.clone(), Arc::clone(&stacks));
            move |commit: &TakenCommit<T>, _: &Delivered<'_, T>| {
                let entry = commit.take().and_then(|commit| noted.entry(commit));
                // Dropped after the lock, since it contains users' values.
                let _dropped = entry.map(|entry| stacks.lock().note(entry));
            }
        };
        cell.record(root);
        let subscription = cell.subscribe(Commits::every(), subscriber(note), CallTime::First);
        Self { cell: Arc::clone(cell), root, noted, stacks, _subscription: subscription }
    }

    /// Reverts the latest entry; returns the version that this made.
    ///
    /// Waits until the commits so far are delivered, unless this is called in a callback.
    ///
    /// # Errors
    ///
    /// A [`HistoryError`]; nothing is changed then, and the entry stays.
    pub fn undo(&self) -> Result<u64, HistoryError> {
        self.take_back(Purpose::Undo)
    }

    /// Repeats the latest undone entry; returns the version that this made.
    ///
    /// # Errors
    ///
    /// A [`HistoryError`]; nothing is changed then, and the entry stays.
    pub fn redo(&self) -> Result<u64, HistoryError> {
        self.take_back(Purpose::Redo)
    }

    /// Runs `f`; all writes that this thread makes in `f` are one entry, with a label.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let history = tv.history(100);
    /// history.group("drag", || (1..=9).for_each(|at| drop(tv.set(Tv::PATHS.position, at))));
    /// assert_eq!(history.undo_label().as_deref(), Some("drag"));
    /// history.undo()?;
    /// assert_eq!(tv.get(Tv::PATHS.position), 0);
    /// # Ok::<(), sprag::error::HistoryError>(())
    /// ```
    pub fn group<U>(&self, label: &str, f: impl FnOnce() -> U) -> U {
        self.noted.cause(Purpose::Group, Some(label.into())).during(f)
    }

    /// Returns the label of the entry that [`undo`](Self::undo) would revert, if it has
    /// one.
    pub fn undo_label(&self) -> Option<String> {
        self.settle();
        self.stacks.lock().undo.back()?.cause.label.as_deref().map(str::to_owned)
    }

    /// Returns the label of the entry that [`redo`](Self::redo) would repeat, if it has
    /// one.
    pub fn redo_label(&self) -> Option<String> {
        self.settle();
        self.stacks.lock().redo.back()?.cause.label.as_deref().map(str::to_owned)
    }

    /// Removes the oldest entries that can be undone, so that at most `count` remain, and
    /// releases the values in them.
    ///
    /// Waits until the commits so far are delivered, unless this is called in a callback.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let history = tv.history(100);
    /// (1..=9).for_each(|at| drop(tv.set(Tv::PATHS.position, at)));
    /// history.keep_latest(1);
    /// history.undo()?;
    /// assert!(history.undo().is_err());
    /// assert_eq!(tv.get(Tv::PATHS.position), 8);
    /// # Ok::<(), sprag::error::HistoryError>(())
    /// ```
    pub fn keep_latest(&self, count: usize) {
        self.settle();
        let mut stacks = self.stacks.lock();
        let surplus = stacks.undo.len().saturating_sub(count);
        // Dropped after the lock, since they contain users' values.
        let _dropped: Vec<_> = stacks.undo.drain(..surplus).collect();
        drop(stacks);
    }

    /// Removes all entries.
    pub fn clear(&self) {
        self.settle();
        let mut stacks = self.stacks.lock();
        let _dropped = (std::mem::take(&mut stacks.undo), std::mem::take(&mut stacks.redo));
        drop(stacks);
    }

    /// Waits until all earlier commits are noted.
    fn settle(&self) {
        if !in_callback() {
            self.cell.flush();
        }
    }

    fn take_back(&self, purpose: Purpose) -> Result<u64, HistoryError> {
        self.settle();
        let entry = self.stacks.lock().source(purpose).pop_back();
        let action = if purpose == Purpose::Undo { "undo" } else { "redo" };
        let entry = entry.ok_or(HistoryError::Empty { action })?;
        let cause = self.noted.cause(purpose, entry.cause.label.clone());
        let writer = self.cell.writer(self.noted.origin.as_slice());
        let made = entry.steps().and_then(|steps| {
            let made = cause.during(|| make_steps(writer, *self.root, steps));
            made.map_err(|step| entry.conflict(step))
        });
        if made.is_err() {
            self.stacks.lock().source(purpose).push_back(entry);
        }
        made
    }
}

impl NotedCommits {
    /// The cause of the writes of one call.
    fn cause(&self, purpose: Purpose, label: Option<Arc<str>>) -> Cause {
        static CALLS: StaticCounter = StaticCounter::new(1);
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        Cause { history: self.history, purpose, call, label }
    }

    /// The entry of a commit, if the history notes the commit.
    fn entry<T: Send + Sync + 'static>(&self, commit: Commit<T>) -> Option<UndoEntry> {
        let is_followed = self.origin.is_none() || commit.origin() == self.origin.as_ref();
        let record = commit.into_values().0?.into_shared();
        let cause = record.cause().filter(|cause| cause.history == self.history);
        let cause = cause.cloned().unwrap_or_default();
        let is_noted = is_followed || cause.purpose == Purpose::Group;
        is_noted.then(|| UndoEntry { cause, records: vec![record] })
    }
}

impl Stacks {
    /// Notes an entry, in the order of the versions. Returns the entries that go.
    fn note(&mut self, entry: UndoEntry) -> (VecDeque<UndoEntry>, Option<UndoEntry>) {
        let dropped = match entry.cause.purpose {
            Purpose::Write | Purpose::Group => std::mem::take(&mut self.redo),
            Purpose::Undo | Purpose::Redo => VecDeque::new(),
        };
        let stack = match entry.cause.purpose {
            Purpose::Undo => &mut self.redo,
            _ => &mut self.undo,
        };
        match stack.back_mut() {
            Some(last) if last.is_of_the_call(&entry.cause) => last.records.extend(entry.records),
            _ => stack.push_back(entry),
        }
        let is_full = self.undo.len() > self.count;
        (dropped, if is_full { self.undo.pop_front() } else { None })
    }

    /// The entries of which such a call takes back the last.
    fn source(&mut self, purpose: Purpose) -> &mut VecDeque<UndoEntry> {
        match purpose {
            Purpose::Undo => &mut self.undo,
            _ => &mut self.redo,
        }
    }
}

impl UndoEntry {
    /// Whether a commit of this cause is a part of the entry.
    fn is_of_the_call(&self, cause: &Cause) -> bool {
        cause.call != 0 && self.cause.call == cause.call
    }

    /// The steps that revert the entry.
    fn steps(&self) -> Result<Vec<DeltaStep>, HistoryError> {
        let mut steps = Vec::new();
        for record in self.records.iter().rev() {
            for op in record.ops(other_reader()).iter().rev() {
                let not_kept = || HistoryError::NotKept { place: self.shown(&op.route) };
                steps.push(RecordedOp::inverse(op).ok_or_else(not_kept)?);
            }
        }
        Ok(steps)
    }

    /// The error of the step of this number.
    fn conflict(&self, step: usize) -> HistoryError {
        let place = self.steps().ok().and_then(|steps| Some(self.shown(&steps.get(step)?.route)));
        HistoryError::Conflict { place: place.unwrap_or_default() }
    }

    fn shown(&self, route: &Route) -> String {
        let mut text = String::new();
        if let Some(record) = self.records.first() {
            let hops = with_texts(record.root().shape, &route.hops);
            // Writing to a `String` does not fail.
            let _ = Route { hops, shape: route.shape }.describe(&mut PathText::new(&mut text));
        }
        cut(&text)
    }
}

impl<T> fmt::Debug for History<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stacks = self.stacks.lock();
        let (undo, redo) = (stacks.undo.len(), stacks.redo.len());
        f.debug_struct("History").field("undo", &undo).field("redo", &redo).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::mpsc;
    use std::thread;

    use crate::Origin;
    use crate::error::HistoryError;
    use crate::model::create_model;
    use crate::path::root;

    #[test]
    fn d5_a_history_forgets_its_oldest_entries() {
        let number = create_model("number", 0_u8);
        let history = number.history(10);
        (1..=4).for_each(|value| _ = number.set(root::<u8>(), value));

        history.keep_latest(5);
        history.undo().unwrap();
        history.keep_latest(2);
        history.undo().unwrap();
        history.undo().unwrap();
        assert!(matches!(history.undo(), Err(HistoryError::Empty { .. })));
        assert_eq!(number.get(root::<u8>()), 1);
        (2..=4).for_each(|_| _ = history.redo().unwrap());
        assert_eq!(number.get(root::<u8>()), 4, "what was undone is kept");
    }

    #[test]
    fn d5_an_undo_waits_for_the_commits_that_another_thread_delivers() {
        for _ in 0..10 {
            let number = create_model("number", 0_u8);
            let history = number.history(10);
            let (arrived, is_delivered) = mpsc::channel();
            let (go, goes_on) = mpsc::channel::<()>();
            let goes_on = crate::sync::Mutex::new(goes_on);
            let _subscription = number.subscribe(root::<u8>(), move |value: &u8, _| {
                if *value == 1 {
                    arrived.send(()).unwrap();
                    _ = goes_on.lock().recv();
                }
            });
            let writer = number.clone();
            let first = thread::spawn(move || _ = writer.set(root::<u8>(), 1));
            is_delivered.recv().unwrap();
            number.set(root::<u8>(), 2);

            // The first writer still has to deliver the second commit.
            drop(go);
            history.undo().unwrap();

            assert_eq!(number.get(root::<u8>()), 1);
            first.join().unwrap();
        }
    }

    #[test]
    fn d4_an_undo_leaves_an_entry_that_another_writer_has_made_or_removed() {
        let map = create_model("map", BTreeMap::from([(1_u8, 10_u8), (2, 20)]));
        let map_of = root::<BTreeMap<u8, u8>>();
        let mine = map.by(Origin::new("tab", 1));
        let history = mine.history(10);
        mine.remove(map_of, 1);
        map.insert(map_of, 1, 11);
        assert!(matches!(history.undo(), Err(HistoryError::Conflict { .. })));
        assert_eq!(*map.snapshot(), BTreeMap::from([(1, 11), (2, 20)]));

        mine.insert(map_of, 3, 30);
        map.remove(map_of, 3);
        assert!(matches!(history.undo(), Err(HistoryError::Conflict { .. })));
        map.insert(map_of, 3, 31);
        assert!(matches!(history.undo(), Err(HistoryError::Conflict { .. })));
        map.insert(map_of, 3, 30);
        history.undo().unwrap();
        assert_eq!(*map.snapshot(), BTreeMap::from([(1, 11), (2, 20)]));
    }

    #[test]
    fn d4_an_undo_leaves_what_was_written_over_a_value_that_does_not_equal_itself() {
        let number = create_model("number", 0.5_f64);
        let mine = number.by(Origin::new("tab", 1));
        let history = mine.history(10);
        mine.set(root::<f64>(), f64::NAN);
        number.set(root::<f64>(), 7.0);
        assert!(matches!(history.undo(), Err(HistoryError::Conflict { .. })));
        number.set(root::<f64>(), f64::NAN);
        history.undo().unwrap();
        assert!((number.get(root::<f64>()) - 0.5).abs() < f64::EPSILON);
    }
}
