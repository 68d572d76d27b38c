//! [`SpareJournal`]: a thread keeps the room of its last journals for its next transactions.
//!
//! A small transaction takes longer to allocate its journal than to make its writes.

use std::any::Any;
use std::cell::RefCell;

use super::journal::Journal;
use crate::sync::thread_local;

/// The journals of how many types of state a thread keeps.
const KEPT: usize = 4;

thread_local! {
    /// Empty journals, at most one of each type; the one that was used last is the last.
    static SPARE: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// A journal for one transaction. Its drop, which drops the users' values in the journal,
/// leaves the journal's room to the thread.
pub(in crate::cell) struct SpareJournal<T: 'static>(
    /// `None` only during the drop.
    Option<Box<Journal<T>>>,
);

impl<T: 'static> SpareJournal<T> {
    /// An empty journal.
    pub(in crate::cell) fn of_thread() -> Self {
        let spare = SPARE.try_with(|spare| {
            let spare = &mut *spare.borrow_mut();
            let last = match spare.pop()?.downcast() {
                Ok(journal) => return Some(journal),
                Err(other) => other,
            };
            let at = spare.iter().rposition(|journal| journal.is::<Journal<T>>());
            spare.push(last);
            spare.remove(at?).downcast().ok()
        });
        Self(Some(spare.ok().flatten().unwrap_or_default()))
    }

    pub(in crate::cell) fn journal(&mut self) -> &mut Journal<T> {
        self.0.as_mut().expect("the journal is there until the drop")
    }
}

impl<T: 'static> Drop for SpareJournal<T> {
    fn drop(&mut self) {
        let Some(journal) = &mut self.0 else { return };
        // Where a value's drop panics, the journal is dropped and not kept.
        journal.clear();
        let _ = SPARE.try_with(|spare| {
            let spare = &mut *spare.borrow_mut();
            spare.extend(self.0.take().map(|journal| journal as Box<dyn Any>));
            if spare.len() > KEPT {
                spare.remove(0);
            }
        });
    }
}
