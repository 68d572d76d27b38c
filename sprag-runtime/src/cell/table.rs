//! Who watches which node: found by number, without asking the others.
//!
//! A bitmap says for each node whether a watched node contains it, which settles
//! most writes with one load. A second bitmap with running counts leads from a
//! node's number to its entry; what an entry is and what lies behind the keys of a
//! collection is in [`level`].

mod level;

use std::any::Any;
use std::sync::Arc;

use self::level::{Entry, Inside, Level, Watcher};
use super::delivery::Touched;
use super::inbox::{AnyInbox, Sites};
use super::write::{Beside, Diff, Which};
use crate::path::{EntryId, Node};

/// 64 nodes.
#[derive(Clone, Copy, Default)]
struct Word {
    /// Bit i: some watched node is node i or contains it.
    covered: u64,
    /// Bit i: node i is watched.
    own: u64,
    /// How many watched nodes lie in the words before.
    rank: u32,
}

pub(super) struct Table<T: 'static> {
    /// How many nodes the state has.
    nodes: u32,
    /// Empty while no node is watched.
    words: Box<[Word]>,
    /// The watched nodes of the root's tree.
    level: Level<T>,
    /// Told of every commit.
    every: Vec<Arc<dyn AnyInbox<T>>>,
    /// Counts attempts, not commits, so that a failed one leaves no marks.
    attempts: u64,
}

impl<T: 'static> Table<T> {
    pub(super) fn new(nodes: u32) -> Self {
        let level = Level::default();
        Self { nodes, words: Box::default(), level, every: Vec::new(), attempts: 0 }
    }

    /// Whether nobody watches anything.
    pub(super) fn is_empty(&self) -> bool {
        self.level.is_empty() && self.every.is_empty()
    }

    /// Whether a write at this place can touch anybody.
    #[inline]
    pub(super) fn touches(&self, node: Node) -> bool {
        !self.every.is_empty() || self.is_covered(node.id) || !self.level.below(node).is_empty()
    }

    /// The inbox that the subscribers of one plain place share, or those of every
    /// commit.
    pub(super) fn find<I: AnyInbox<T>>(&self, sites: &Sites, first: bool) -> Option<Arc<I>> {
        let is_it = |inbox: &Arc<dyn AnyInbox<T>>| {
            let alike = inbox.is_first() == first;
            alike.then(|| Arc::clone(inbox).into_any().downcast().ok())?
        };
        match &sites[..] {
            [] => self.every.iter().find_map(is_it),
            [seat] if seat.location.keys.is_empty() && !seat.outline => {
                let entry = &self.level.entries()[self.entry_of(seat.location.node.id)?];
                entry.plain.iter().find_map(|watcher| is_it(&watcher.inbox))
            }
            _ => None,
        }
    }

    pub(super) fn link(&mut self, inbox: Arc<dyn AnyInbox<T>>) {
        if inbox.sites().is_empty() {
            self.every.push(inbox);
            return;
        }
        let before = self.level.entries().len();
        for (part, seat) in inbox.sites().iter().enumerate() {
            self.level.link(seat, Watcher { inbox: Arc::clone(&inbox), part });
        }
        if self.level.entries().len() != before {
            self.index();
        }
    }

    pub(super) fn unlink(&mut self, inbox: &Arc<dyn AnyInbox<T>>) {
        let sites = inbox.sites();
        if sites.is_empty() {
            level::remove(&mut self.every, |other| Arc::ptr_eq(other, inbox));
            return;
        }
        let before = self.level.entries().len();
        for (part, seat) in sites.iter().enumerate() {
            let is_it = |other: &Watcher<T>| other.part == part && Arc::ptr_eq(&other.inbox, inbox);
            self.level.unlink(seat, &is_it);
        }
        if self.level.entries().len() != before {
            self.index();
        }
    }

    /// Forgets everybody and gives them back, each at least once.
    pub(super) fn clear(&mut self) -> Vec<Arc<dyn AnyInbox<T>>> {
        let mut inboxes = std::mem::take(&mut self.every);
        let level = std::mem::take(&mut self.level);
        level.for_each(&mut |watcher| inboxes.push(Arc::clone(&watcher.inbox)));
        self.words = Box::default();
        inboxes
    }

    /// Makes the bitmaps anew.
    fn index(&mut self) {
        if self.level.is_empty() {
            self.words = Box::default();
            return;
        }
        let words = self.nodes.div_ceil(64) as usize;
        let mut index = vec![Word::default(); words].into_boxed_slice();
        for entry in self.level.entries() {
            index[entry.node.id as usize / 64].own |= 1 << (entry.node.id % 64);
            if entry.up.is_none() {
                cover(&mut index, entry.node);
            }
        }
        let mut rank = 0;
        for word in &mut index {
            word.rank = rank;
            rank += word.own.count_ones();
        }
        self.words = index;
    }

    /// The entry of exactly this node.
    fn entry_of(&self, id: u32) -> Option<usize> {
        let word = self.words.get(id as usize / 64)?;
        let bit = 1 << (id % 64);
        (word.own & bit != 0).then(|| (word.rank + (word.own & (bit - 1)).count_ones()) as usize)
    }

    /// Whether a watched node is `id` or contains it.
    #[inline]
    fn is_covered(&self, id: u32) -> bool {
        self.words.get(id as usize / 64).is_some_and(|word| word.covered & (1 << (id % 64)) != 0)
    }

    /// The nearest watched node that is `id` or contains it.
    #[inline]
    fn nearest(&self, id: u32) -> Option<usize> {
        if !self.is_covered(id) {
            return None;
        }
        let word = self.words.get(id as usize / 64)?;
        let bit = 1u64 << (id % 64);
        // The last watched node at or before `id` lies in the same covered subtree.
        let upto = word.own & (bit | (bit - 1));
        let at = (word.rank + upto.count_ones()) as usize - 1;
        self.level.containing(at, id)
    }
}

fn cover(words: &mut [Word], node: Node) {
    let (from, to) = (node.id as usize, (node.id + node.count) as usize);
    for (at, word) in words.iter_mut().enumerate().take(to.div_ceil(64)).skip(from / 64) {
        let low = from.saturating_sub(at * 64).min(63);
        let high = (to - at * 64).min(64);
        word.covered |= (u64::MAX >> (64 - (high - low))) << low;
    }
}

/// A watcher behind a key, with its value from before the write.
pub(super) struct Captured<T: 'static> {
    watcher: Watcher<T>,
    before: Box<dyn Any + Send>,
}

/// One attempt to commit: collects whom it touches.
pub(super) struct Attempt<'a, T: 'static> {
    table: &'a Table<T>,
    number: u64,
    touched: Touched<T>,
    captured: &'a mut Vec<Captured<T>>,
}

/// How a watcher lies to the written place.
#[derive(Clone, Copy)]
enum Lies {
    /// It is the place, or above it.
    Above,
    /// It is a node of the place's tree, counted from there.
    Below(u32),
    /// It is somewhere behind a key of what is written.
    Inside,
}

impl<'a, T: 'static> Attempt<'a, T> {
    /// `captured` is the caller's, who drops what is in it after the lock.
    pub(super) fn new(table: &'a mut Table<T>, captured: &'a mut Vec<Captured<T>>) -> Self {
        table.attempts += 1;
        let table = &*table;
        let touched = table.every.iter().cloned().collect();
        Self { table, number: table.attempts, touched, captured }
    }

    pub(super) fn touched(&self) -> &[Arc<dyn AnyInbox<T>>] {
        &self.touched
    }

    /// Whether somebody is told of the places that were written.
    pub(super) fn wants_edits(&self) -> bool {
        self.touched.iter().any(|inbox| inbox.wants_edits())
    }

    /// Marks the watchers that one part of a write touches, before it is made.
    pub(super) fn compare(&mut self, diff: Diff<'_, T>, state: &T) {
        if diff.is_equal() {
            return;
        }
        let (level, node) = (&self.table.level, diff.at.node);
        let mut asking = Asking { diff: &diff, state, exact: true, attempt: self };
        asking.level(level, asking.attempt.table.nearest(node.id), node, &diff.at.keys);
    }

    /// Marks the watchers whose captured value is no longer there, after the write.
    pub(super) fn compare_captured(&mut self, state: &T) {
        for at in 0..self.captured.len() {
            let Captured { watcher, before } = &self.captured[at];
            let watcher = watcher.clone();
            let differs = watcher.site().changed(&**before, state);
            self.mark_if(differs, &watcher);
        }
    }

    fn mark_if(&mut self, differs: bool, watcher: &Watcher<T>) {
        if differs && watcher.inbox.mark(self.number) {
            self.touched.push(Arc::clone(&watcher.inbox));
        }
    }

    pub(super) fn into_touched(self) -> Touched<T> {
        self.touched
    }
}

/// One part of a write, on its way through the levels.
struct Asking<'q, 'a, T: 'static> {
    diff: &'q Diff<'q, T>,
    state: &'q T,
    /// Whether no key on the way here was one of several with the same hash.
    exact: bool,
    attempt: &'q mut Attempt<'a, T>,
}

impl<T: 'static> Asking<'_, '_, T> {
    /// Asks those who watch the written place, what lies above and what lies below.
    /// It lies at `node` here, or behind `keys` of it; `nearest` is the nearest
    /// watched node.
    fn level(
        &mut self,
        level: &Level<T>,
        nearest: Option<usize>,
        node: Node,
        keys: &[(EntryId, Node)],
    ) {
        let mut at = nearest;
        while let Some(entry) = at.map(|at| &level.entries()[at]) {
            self.all(&entry.plain, Lies::Above);
            at = entry.up;
        }
        let own = nearest.map(|at| &level.entries()[at]).filter(|entry| entry.node.id == node.id);
        let inside = own.and_then(|entry| entry.inside.as_deref());
        match (keys, self.diff.entries) {
            ([(id, node), rest @ ..], _) => {
                if let Some(level) = inside.and_then(|inside| inside.behind(*id)) {
                    self.exact &= id.is_exact();
                    self.level(level, level.nearest(node.id), *node, rest);
                }
            }
            ([], Some(entries)) => {
                let Some(inside) = inside else { return };
                if entries.is_of_outline() {
                    self.all(&inside.outline, Lies::Above);
                }
                self.entries(inside, entries.which());
            }
            ([], None) => {
                if let Some(inside) = inside {
                    self.inside(inside, Lies::Below(0));
                }
                for entry in level.below(node) {
                    self.below(entry, Lies::Below(entry.node.id - node.id));
                }
            }
        }
    }

    fn entries(&mut self, inside: &Inside<T>, which: &Which) {
        match which {
            Which::One(id) => inside.behind(*id).into_iter().for_each(|level| self.whole(level)),
            Which::These(ids) => {
                ids.iter().filter_map(|id| inside.behind(*id)).for_each(|level| self.whole(level));
            }
            Which::From(index) => inside.from(*index).for_each(|level| self.whole(level)),
        }
    }

    /// A level that lies behind what is written.
    fn whole(&mut self, level: &Level<T>) {
        level.entries().iter().for_each(|entry| self.below(entry, Lies::Inside));
    }

    fn below(&mut self, entry: &Entry<T>, lies: Lies) {
        self.all(&entry.plain, lies);
        if let Some(inside) = &entry.inside {
            self.inside(inside, lies);
        }
    }

    fn inside(&mut self, inside: &Inside<T>, lies: Lies) {
        self.all(&inside.outline, lies);
        inside.levels().for_each(|level| self.whole(level));
    }

    #[inline]
    fn all(&mut self, watchers: &[Watcher<T>], lies: Lies) {
        watchers.iter().for_each(|watcher| self.ask(watcher, lies));
    }

    /// One that cannot be compared yet keeps what it saw, and is asked after the
    /// write.
    fn ask(&mut self, watcher: &Watcher<T>, lies: Lies) {
        let differs = match (&self.diff.beside, lies) {
            (Beside::Roots { old, new }, _) => watcher.site().roots(old, new),
            (_, Lies::Above) if self.exact => true,
            (Beside::Values { old, new, .. }, Lies::Below(id)) if self.exact => {
                watcher.site().nodes(old.node(id), new.node(id))
            }
            _ => {
                let before = watcher.site().capture(self.state);
                self.attempt.captured.push(Captured { watcher: watcher.clone(), before });
                return;
            }
        };
        self.attempt.mark_if(differs, watcher);
    }
}
