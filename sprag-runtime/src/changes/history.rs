//! [`History`]: undo and redo, in memory.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use super::apply::make_steps;
use super::stream::{Commits, TakenCommit};
use crate::cell::change::Delivered;
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
/// nothing. A new write after an undo removes the entries that could be redone.
///
/// Dropping the history ends it. A history counts as a handle of the state.
pub struct History<T: 'static> {
    cell: Arc<Cell<T>>,
    root: &'static Known,
    id: u64,
    stacks: Arc<Mutex<Stacks<T>>>,
    _subscription: Subscription,
}

/// The commits that can be undone and redone, the latest last.
struct Stacks<T> {
    undo: VecDeque<UndoEntry<T>>,
    redo: Vec<UndoEntry<T>>,
    count: usize,
}

/// Commits that are undone together.
struct UndoEntry<T> {
    label: Option<Arc<str>>,
    group: Purpose,
    records: Vec<Arc<Record<T>>>,
}

impl<T: Clone + Send + Sync + 'static> History<T> {
    pub(crate) fn of(cell: &Arc<Cell<T>>, root: &'static Known, count: usize) -> Self {
        static IDS: StaticCounter = StaticCounter::new(1);
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let stacks = Stacks { undo: VecDeque::new(), redo: Vec::new(), count };
        let stacks = Arc::new(Mutex::new(stacks));
        let note = {
            let stacks = Arc::clone(&stacks);
            move |commit: &TakenCommit<T>, _: &Delivered<'_, T>| {
                let record = commit.take().and_then(|commit| commit.record);
                record.into_iter().for_each(|record| note(&stacks, id, record.into_shared()));
            }
        };
        cell.record(root);
        let subscription = cell.subscribe(Commits::every(), subscriber(note), CallTime::First);
        Self { cell: Arc::clone(cell), root, id, stacks, _subscription: subscription }
    }

    /// Reverts the latest entry; returns the version that this made.
    ///
    /// Waits until the commits so far are delivered, unless this is called in a callback.
    ///
    /// # Errors
    ///
    /// A [`HistoryError`]; nothing is changed then, and the entry stays.
    pub fn undo(&self) -> Result<u64, HistoryError> {
        self.settle();
        let entry = self.stacks.lock().pop(Purpose::Undo);
        self.take_back(entry, Purpose::Undo)
    }

    /// Repeats the latest undone entry; returns the version that this made.
    ///
    /// # Errors
    ///
    /// A [`HistoryError`]; nothing is changed then, and the entry stays.
    pub fn redo(&self) -> Result<u64, HistoryError> {
        self.settle();
        let entry = self.stacks.lock().pop(Purpose::Redo);
        self.take_back(entry, Purpose::Redo)
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
        static GROUPS: StaticCounter = StaticCounter::new(1);
        let purpose = Purpose::Group(GROUPS.fetch_add(1, Ordering::Relaxed));
        Cause { history: self.id, purpose, label: Some(label.into()) }.during(f)
    }

    /// Returns the label of the entry that [`undo`](Self::undo) would revert, if it has
    /// one.
    pub fn undo_label(&self) -> Option<String> {
        self.settle();
        self.stacks.lock().undo.back()?.label.as_deref().map(str::to_owned)
    }

    /// Returns the label of the entry that [`redo`](Self::redo) would repeat, if it has
    /// one.
    pub fn redo_label(&self) -> Option<String> {
        self.settle();
        self.stacks.lock().redo.last()?.label.as_deref().map(str::to_owned)
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

    fn take_back(
        &self,
        entry: Option<UndoEntry<T>>,
        purpose: Purpose,
    ) -> Result<u64, HistoryError> {
        let action = if purpose == Purpose::Undo { "undo" } else { "redo" };
        let entry = entry.ok_or(HistoryError::Empty { action })?;
        let cause = Cause { history: self.id, purpose, label: entry.label.clone() };
        let made = entry.steps().and_then(|steps| {
            let made = cause.during(|| make_steps(&self.cell, *self.root, steps));
            made.map_err(|step| entry.conflict(step))
        });
        if made.is_err() {
            self.stacks.lock().push_back(entry, purpose);
        }
        made
    }
}

/// Notes a commit, in the order of the versions.
fn note<T: Send + Sync + 'static>(stacks: &Mutex<Stacks<T>>, id: u64, record: Arc<Record<T>>) {
    let cause = record.cause().filter(|cause| cause.history == id).cloned().unwrap_or_default();
    // Dropped after the lock, since it contains users' values.
    let _dropped = stacks.lock().note(record, cause);
}

impl<T: Send + Sync + 'static> Stacks<T> {
    fn note(
        &mut self,
        record: Arc<Record<T>>,
        cause: Cause,
    ) -> (Vec<UndoEntry<T>>, Option<UndoEntry<T>>) {
        let Cause { purpose, label, .. } = cause;
        let entry = UndoEntry { label, group: purpose, records: vec![record] };
        if purpose == Purpose::Undo {
            self.redo.push(entry);
            return (Vec::new(), None);
        }
        let dropped = match purpose {
            Purpose::Redo => Vec::new(),
            _ => std::mem::take(&mut self.redo),
        };
        match self.undo.back_mut() {
            Some(last) if last.is_grouped_with(purpose) => last.records.extend(entry.records),
            _ => self.undo.push_back(entry),
        }
        let is_full = self.undo.len() > self.count;
        (dropped, if is_full { self.undo.pop_front() } else { None })
    }

    fn pop(&mut self, purpose: Purpose) -> Option<UndoEntry<T>> {
        match purpose {
            Purpose::Undo => self.undo.pop_back(),
            _ => self.redo.pop(),
        }
    }

    fn push_back(&mut self, entry: UndoEntry<T>, purpose: Purpose) {
        match purpose {
            Purpose::Undo => self.undo.push_back(entry),
            _ => self.redo.push(entry),
        }
    }
}

impl<T: Send + Sync + 'static> UndoEntry<T> {
    fn is_grouped_with(&self, purpose: Purpose) -> bool {
        matches!(purpose, Purpose::Group(_)) && self.group == purpose
    }

    /// The steps that revert the entry.
    fn steps(&self) -> Result<Vec<DeltaStep>, HistoryError> {
        let mut steps = Vec::new();
        for record in self.records.iter().rev() {
            for op in record.ops().iter().rev() {
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
