//! [`Stack`]: the resources of a service, released last first.

use crate::isolate::isolated;
use crate::sync::Mutex;

/// The release of one resource.
pub(crate) type Release = Box<dyn FnOnce() + Send>;

/// A LIFO stack of releases.
#[derive(Default)]
pub(crate) struct Stack {
    /// Entries are called and dropped outside this lock.
    state: Mutex<StackState>,
}

#[derive(Default)]
struct StackState {
    /// Whether the last entry was taken, after which pushing releases at once.
    closed: bool,
    entries: Vec<Release>,
}

impl Stack {
    /// Pushes `entry`, or calls it at once if all entries were released already.
    pub(crate) fn push(&self, entry: Release) {
        let mut state = self.state.lock();
        if state.closed {
            drop(state);
            isolated(&"a late release", entry);
        } else {
            state.entries.push(entry);
        }
    }

    /// Adds `entries` below all others, with the first of them at the bottom.
    pub(crate) fn push_below(&self, entries: Vec<Release>) {
        let mut state = self.state.lock();
        if state.closed {
            drop(state);
            entries.into_iter().rev().for_each(|entry| {
                isolated(&"a late release", entry);
            });
        } else {
            state.entries.splice(0..0, entries);
        }
    }

    /// The topmost entry; `None` closes the stack.
    pub(crate) fn pop(&self) -> Option<Release> {
        let mut state = self.state.lock();
        let entry = state.entries.pop();
        state.closed = entry.is_none();
        entry
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        while let Some(entry) = self.pop() {
            isolated(&"a release", entry);
        }
    }
}
