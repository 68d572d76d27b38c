//! Who watches which node: found by number, without asking the others.
//!
//! A bitmap says for each node whether a watched node contains it, which settles
//! most writes with one load. A second bitmap with running counts leads from a
//! node's number to its entry; entries stand in preorder, each with its nearest
//! watched ancestor.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use super::inbox::{AnyInbox, Sites};
use super::made::{Rare, Touched};
use super::recent::Recent;
use super::site::AnySite;
use super::write::Diff;
use crate::path::Node;

/// One place of one inbox: a tuple selector has several.
struct Watcher<T: 'static> {
    inbox: Arc<dyn AnyInbox<T>>,
    part: usize,
}

impl<T> Watcher<T> {
    fn site(&self) -> &dyn AnySite<T> {
        self.inbox.site(self.part)
    }
}

impl<T> Clone for Watcher<T> {
    fn clone(&self) -> Self {
        Self { inbox: Arc::clone(&self.inbox), part: self.part }
    }
}

struct Entry<T: 'static> {
    node: Node,
    /// The nearest watched node above, as an index into `Table::entries`.
    up: Option<usize>,
    plain: Vec<Watcher<T>>,
    /// Watchers of one entry of a collection, by the hash of its key.
    keyed: HashMap<u64, Vec<Watcher<T>>>,
}

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
    /// In preorder.
    entries: Vec<Entry<T>>,
    /// Told of every commit.
    every: Vec<Arc<dyn AnyInbox<T>>>,
    /// Counts attempts, not commits, so that a failed one leaves no marks.
    attempts: u64,
}

impl<T: 'static> Table<T> {
    pub(super) fn new(nodes: u32) -> Self {
        Self { nodes, words: Box::default(), entries: Vec::new(), every: Vec::new(), attempts: 0 }
    }

    /// Whether nobody watches anything.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.every.is_empty()
    }

    /// Whether a write at this place, or anywhere, can touch anybody.
    #[inline]
    pub(super) fn touches(&self, site: Option<Node>) -> bool {
        if self.is_empty() {
            return false;
        }
        site.is_none_or(|node| {
            !self.every.is_empty() || self.is_covered(node.id) || !self.below(node).is_empty()
        })
    }

    /// The inbox that the subscribers of one plain place share, or those of every
    /// commit.
    pub(super) fn find<I: AnyInbox<T>>(&self, sites: &Sites, first: bool) -> Option<Arc<I>> {
        let is_it = |inbox: &Arc<dyn AnyInbox<T>>| {
            let alike = inbox.is_first() == first;
            alike.then(|| Arc::clone(inbox).into_any().downcast().ok())?
        };
        match sites[..] {
            [] => self.every.iter().find_map(is_it),
            [(node, None)] => {
                let entry = &self.entries[self.entry_of(node.id)?];
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
        for (part, &(node, key)) in inbox.sites().iter().enumerate() {
            let index = self.entry_of(node.id).unwrap_or_else(|| self.insert(node));
            let entry = &mut self.entries[index];
            let watchers = match key {
                Some(key) => entry.keyed.entry(key).or_default(),
                None => &mut entry.plain,
            };
            watchers.push(Watcher { inbox: Arc::clone(&inbox), part });
        }
    }

    pub(super) fn unlink(&mut self, inbox: &Arc<dyn AnyInbox<T>>) {
        let sites = inbox.sites();
        if sites.is_empty() {
            remove(&mut self.every, |other| Arc::ptr_eq(other, inbox));
            return;
        }
        for (part, &(node, key)) in sites.iter().enumerate() {
            let Some(index) = self.entry_of(node.id) else { continue };
            let entry = &mut self.entries[index];
            let is_it = |other: &Watcher<T>| other.part == part && Arc::ptr_eq(&other.inbox, inbox);
            match key {
                Some(key) => {
                    if let Some(watchers) = entry.keyed.get_mut(&key) {
                        remove(watchers, is_it);
                        if watchers.is_empty() {
                            entry.keyed.remove(&key);
                            if entry.keyed.is_empty() {
                                entry.keyed = HashMap::new();
                            }
                        }
                    }
                }
                None => remove(&mut entry.plain, is_it),
            }
            if entry.plain.is_empty() && entry.keyed.is_empty() {
                self.entries.remove(index);
                self.entries.shrink_to_fit();
                self.index();
            }
        }
    }

    /// Forgets everybody and gives them back, each at least once.
    pub(super) fn clear(&mut self) -> Vec<Arc<dyn AnyInbox<T>>> {
        let mut inboxes = std::mem::take(&mut self.every);
        for entry in std::mem::take(&mut self.entries) {
            let keyed = entry.keyed.into_values().flatten();
            inboxes.extend(entry.plain.into_iter().chain(keyed).map(|watcher| watcher.inbox));
        }
        self.words = Box::default();
        inboxes
    }

    fn insert(&mut self, node: Node) -> usize {
        let index = self.entries.partition_point(|entry| entry.node.id < node.id);
        let entry = Entry { node, up: None, plain: Vec::new(), keyed: HashMap::new() };
        self.entries.insert(index, entry);
        self.index();
        index
    }

    /// Makes the bitmaps and the links upwards anew.
    fn index(&mut self) {
        if self.entries.is_empty() {
            self.words = Box::default();
            return;
        }
        let words = self.nodes.div_ceil(64) as usize;
        let mut index = vec![Word::default(); words].into_boxed_slice();
        let mut above: Vec<usize> = Vec::new();
        for at in 0..self.entries.len() {
            let node = self.entries[at].node;
            while above.last().is_some_and(|&up| !self.entries[up].node.contains(node)) {
                above.pop();
            }
            self.entries[at].up = above.last().copied();
            above.push(at);
            index[node.id as usize / 64].own |= 1 << (node.id % 64);
            if self.entries[at].up.is_none() {
                cover(&mut index, node);
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
        let mut at = (word.rank + upto.count_ones()) as usize - 1;
        while id >= self.entries[at].node.id + self.entries[at].node.count {
            at = self.entries[at].up?;
        }
        Some(at)
    }

    /// The entries strictly below `node`.
    #[inline]
    fn below(&self, node: Node) -> &[Entry<T>] {
        if node.count <= 1 || self.entries.is_empty() {
            return &[];
        }
        let end = node.id.saturating_add(node.count);
        let from = self.entries.partition_point(|entry| entry.node.id <= node.id);
        let to = from + self.entries[from..].partition_point(|entry| entry.node.id < end);
        &self.entries[from..to]
    }
}

fn remove<W>(watchers: &mut Vec<W>, is_it: impl Fn(&W) -> bool) {
    if let Some(index) = watchers.iter().position(is_it) {
        watchers.remove(index);
        if watchers.len() < watchers.capacity() / 4 {
            watchers.shrink_to_fit();
        }
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

/// A watcher of one entry of a collection, with its value from before the write.
pub(super) struct Captured<T: 'static> {
    watcher: Watcher<T>,
    before: Box<dyn Any + Send>,
}

/// One attempt to commit: collects whom it touches.
pub(super) struct Attempt<'a, T: 'static> {
    table: &'a Table<T>,
    number: u64,
    recent: &'a mut Recent<T>,
    touched: &'a mut Touched<T>,
    rare: &'a mut Option<Box<Rare<T>>>,
}

impl<'a, T: 'static> Attempt<'a, T> {
    /// `touched` and `rare` are the caller's, who drops what is in them after the
    /// lock.
    pub(super) fn new(
        table: &'a mut Table<T>,
        recent: &'a mut Recent<T>,
        touched: &'a mut Touched<T>,
        rare: &'a mut Option<Box<Rare<T>>>,
    ) -> Self {
        table.attempts += 1;
        let table = &*table;
        for inbox in &table.every {
            inbox.touch(table.attempts, recent, touched);
        }
        Self { table, number: table.attempts, recent, touched, rare }
    }

    /// Marks the watchers that one part of a write touches, before it is made.
    pub(super) fn compare(&mut self, diff: Diff<'_, T>, state: &T) {
        let table = self.table;
        let (node, key) = diff.place();
        if diff.is_equal() {
            return;
        }
        let mut at = table.nearest(node.id);
        while let Some(entry) = at.map(|at| &table.entries[at]) {
            for watcher in &entry.plain {
                let differs = match &diff {
                    Diff::Roots { old, new, .. } => watcher.site().roots(old, new),
                    Diff::Values { .. } | Diff::Entries { .. } => true,
                };
                self.mark_if(differs, watcher);
            }
            if entry.node.id == node.id && !entry.keyed.is_empty() {
                match key {
                    Some(key) => {
                        self.keyed(entry.keyed.get(&key).into_iter().flatten(), &diff, state);
                    }
                    None => self.keyed(entry.keyed.values().flatten(), &diff, state),
                }
            }
            at = entry.up;
        }
        if key.is_some() {
            return;
        }
        for entry in table.below(node) {
            for watcher in &entry.plain {
                let differs = match &diff {
                    Diff::Roots { old, new, .. } => watcher.site().roots(old, new),
                    Diff::Values { old, new, .. } => {
                        let id = entry.node.id - node.id;
                        watcher.site().nodes(old.node(id), new.node(id))
                    }
                    Diff::Entries { .. } => true,
                };
                self.mark_if(differs, watcher);
            }
            if !entry.keyed.is_empty() {
                self.keyed(entry.keyed.values().flatten(), &diff, state);
            }
        }
    }

    /// Watchers behind a key are compared with what they saw before the write.
    fn keyed<'w>(
        &mut self,
        watchers: impl Iterator<Item = &'w Watcher<T>>,
        diff: &Diff<'_, T>,
        state: &T,
    ) {
        for watcher in watchers {
            if let Diff::Roots { old, new, .. } = diff {
                self.mark_if(watcher.site().roots(old, new), watcher);
            } else {
                let before = watcher.site().capture(state);
                let captured = Captured { watcher: watcher.clone(), before };
                self.rare.get_or_insert_default().captured.push(captured);
            }
        }
    }

    /// Marks the watchers whose captured value is no longer there, after the write.
    pub(super) fn compare_captured(self, state: &T) {
        let Some(rare) = self.rare else { return };
        for Captured { watcher, before } in &rare.captured {
            let differs = watcher.site().changed(&**before, state);
            mark_if(differs, watcher, self.number, self.recent, self.touched);
        }
    }

    fn mark_if(&mut self, differs: bool, watcher: &Watcher<T>) {
        mark_if(differs, watcher, self.number, self.recent, self.touched);
    }
}

fn mark_if<T>(
    differs: bool,
    watcher: &Watcher<T>,
    attempt: u64,
    recent: &mut Recent<T>,
    touched: &mut Touched<T>,
) {
    if differs {
        watcher.inbox.touch(attempt, recent, touched);
    }
}
