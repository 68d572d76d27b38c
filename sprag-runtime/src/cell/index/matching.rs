//! Finds the subscribers that one attempt to commit affects.

mod every;
mod traverse;

use std::any::Any;
use std::sync::Arc;

pub(in crate::cell) use self::every::TouchedEntries;
use self::every::{EveryFinder, EveryMatcher, WrittenPart};
use self::traverse::{EveryScope, Relation, Traverse};
use super::level::{Level, Watcher};
use super::sets::Sets;
use super::undecided::Undecided;
use super::{Index, SubscriberCache, WatcherSet};
use crate::cell::write::{Comparison, Diff};
use crate::path::{EntryId, Node};

/// The subscribers that a write affects.
pub(in crate::cell) struct AffectedSubscribers<A: ?Sized> {
    /// Apart from the others, because most writes affect one place or none.
    one: Option<Arc<A>>,
    others: Option<Box<Others<A>>>,
    /// Whether any of them is notified before the others.
    has_firsts: bool,
    /// Whether any of them uses the written places, or may turn out to be affected and does.
    wants_record: bool,
    /// Whether any of them uses the written places.
    has_readers: bool,
}

struct Others<A: ?Sized>(Vec<Arc<A>>);

impl<A: ?Sized> Default for AffectedSubscribers<A> {
    fn default() -> Self {
        Self { one: None, others: None, has_firsts: false, wants_record: false, has_readers: false }
    }
}

impl<A: ?Sized> AffectedSubscribers<A> {
    /// Adds subscribers that are notified before the others.
    pub(in crate::cell) fn push_first(&mut self, subscribers: Arc<A>) {
        self.has_firsts = true;
        self.push(subscribers);
    }

    #[inline]
    pub(in crate::cell) fn push(&mut self, subscribers: Arc<A>) {
        match self.one {
            None => self.one = Some(subscribers),
            Some(_) => self.push_other(subscribers),
        }
    }

    #[cold]
    fn push_other(&mut self, subscribers: Arc<A>) {
        self.others.get_or_insert_with(|| Box::new(Others(Vec::new()))).0.push(subscribers);
    }

    #[inline]
    pub(in crate::cell) fn is_empty(&self) -> bool {
        self.one.is_none()
    }

    #[inline]
    pub(in crate::cell) fn wants_record(&self) -> bool {
        self.wants_record
    }

    /// Notes that subscribers that are affected, or may turn out to be once the write is
    /// made, use the written places.
    #[inline]
    pub(in crate::cell) fn expect_record(&mut self) {
        self.wants_record = true;
    }

    /// Notes that subscribers that are affected use the written places.
    #[inline]
    pub(in crate::cell) fn note_reader(&mut self) {
        (self.wants_record, self.has_readers) = (true, true);
    }

    /// Whether there is one alone and it uses the written places.
    pub(in crate::cell) fn is_one_reader(&self) -> bool {
        self.has_readers && self.only().is_some()
    }

    /// The only one, if there is one alone and it need not come before others.
    #[inline]
    pub(in crate::cell) fn only(&self) -> Option<&Arc<A>> {
        self.one.as_ref().filter(|_| self.others.is_none() && !self.has_firsts)
    }

    /// One of them by its number, from 0. The numbers are in no order.
    pub(in crate::cell) fn get(&self, number: usize) -> Option<&Arc<A>> {
        match number.checked_sub(1) {
            None => self.one.as_ref(),
            Some(number) => self.others().get(number),
        }
    }

    fn others(&self) -> &[Arc<A>] {
        self.others.as_ref().map_or(&[], |others| &others.0)
    }
}

/// A watcher behind a key, with its value from before the write.
pub(in crate::cell) struct CapturedWatcher {
    watcher: Watcher,
    before: Box<dyn Any + Send>,
}

impl CapturedWatcher {
    fn of<S: WatcherSet + ?Sized>(watcher: Watcher, sets: &Sets<S>, state: &S::State) -> Self {
        Self { watcher, before: sets.watch(watcher).capture(state) }
    }
}

/// Where captured watchers wait for the end of the write. The users' values in them are
/// dropped after the lock.
pub(in crate::cell) trait KeepCaptured {
    fn keep(&mut self, watcher: CapturedWatcher);
    fn kept(&self) -> &[CapturedWatcher];
    /// Whether there may be captured watchers or touched entries.
    fn has_any(&self) -> bool;
    /// The touched entries of collections of which every entry is watched.
    fn touched(&mut self) -> &mut TouchedEntries;
    /// The touched entries, if there are any.
    fn present_touched(&mut self) -> Option<&mut TouchedEntries>;
}

/// The subscribers that an attempt has affected so far.
pub(in crate::cell) struct Marking<'a, A: ?Sized> {
    /// The attempt's number, so that a set with several places is affected once.
    pub(in crate::cell) attempt: u64,
    pub(in crate::cell) cache: &'a mut SubscriberCache<A>,
    pub(in crate::cell) affected: &'a mut AffectedSubscribers<A>,
}

/// One attempt to commit: collects the affected subscribers.
pub(in crate::cell) struct Matching<'a, S: WatcherSet + ?Sized> {
    index: &'a Index<S>,
    marking: Marking<'a, S::Subscribers>,
    captured: &'a mut dyn KeepCaptured,
    /// The watchers that cannot be compared yet, where the write is made already: nothing
    /// is left for them to capture.
    undecided: Option<&'a mut Undecided>,
}

impl<'a, S: WatcherSet + ?Sized> Matching<'a, S> {
    /// Whether an affected subscriber reads changes as data.
    pub(in crate::cell) fn wants_record(&self) -> bool {
        self.marking.affected.wants_record()
    }

    /// `affected` and `captured` stay with the caller, who drops their contents after the
    /// lock.
    pub(in crate::cell) fn new(
        index: &'a mut Index<S>,
        cache: &'a mut SubscriberCache<S::Subscribers>,
        affected: &'a mut AffectedSubscribers<S::Subscribers>,
        captured: &'a mut dyn KeepCaptured,
    ) -> Self {
        index.attempts += 1;
        let index = &*index;
        let marking = Marking { attempt: index.attempts, cache, affected };
        let mut matching = Self { index, marking, captured, undecided: None };
        for set in index.sets.of_every_commit() {
            set.affect(&mut matching.marking);
        }
        matching
    }

    /// Whether a write at this node, or anywhere, can affect a subscriber of places.
    pub(in crate::cell) fn is_watched(&self, node: Option<Node>) -> bool {
        self.index.is_watched(node)
    }

    /// The same for writes that are made already.
    pub(in crate::cell) fn of_made(
        index: &'a mut Index<S>,
        cache: &'a mut SubscriberCache<S::Subscribers>,
        affected: &'a mut AffectedSubscribers<S::Subscribers>,
        captured: &'a mut dyn KeepCaptured,
        undecided: &'a mut Undecided,
    ) -> Self {
        let mut matching = Self::new(index, cache, affected, captured);
        matching.undecided = Some(undecided);
        matching
    }

    /// Whether a watcher cannot be compared without the values from before the writes.
    pub(in crate::cell) fn has_undecided(&mut self) -> bool {
        let attempt = self.marking.attempt;
        let is_open = |watcher: Watcher| !self.index.sets.of(watcher).is_affected(attempt);
        self.undecided.as_mut().is_some_and(|undecided| undecided.has_any(&is_open))
    }

    /// Captures the values of the undecided watchers, while the writes are reverted.
    pub(in crate::cell) fn capture_undecided(&mut self, state: &S::State) {
        let Some(undecided) = &self.undecided else { return };
        for watcher in undecided.watchers() {
            self.captured.keep(CapturedWatcher::of(*watcher, &self.index.sets, state));
        }
    }

    /// Compares the undecided watchers between two states.
    pub(in crate::cell) fn compare_undecided(&mut self, old: &S::State, new: &S::State) {
        let Some(undecided) = &self.undecided else { return };
        for watcher in undecided.watchers() {
            let set = self.index.sets.of(*watcher);
            if !set.is_affected(self.marking.attempt) && set.watch(watcher.part).differs(old, new) {
                set.affect(&mut self.marking);
            }
        }
    }

    /// Records which entries one part of the writes affects, for the watchers of every
    /// entry. `old` is the state from before the writes.
    pub(in crate::cell) fn touch(&mut self, diff: &Diff<'_>, old: &S::State) {
        if self.undecided.as_ref().is_some_and(|undecided| undecided.has_every()) {
            let (places, sets, node) = (&self.index.places, &self.index.sets, diff.at.node);
            let touched = self.captured.touched();
            let mut finder = EveryFinder { diff, state: old, sets, touched };
            finder.level(places.level(), places.nearest(node.id), node, &diff.at.keys);
        }
    }

    /// Marks the watchers that one part of a write affects, before the write is made.
    #[inline]
    pub(in crate::cell) fn compare(&mut self, diff: Diff<'_>, state: &S::State) {
        if diff.is_equal() {
            return;
        }
        let (places, node) = (&self.index.places, diff.at.node);
        let mut matcher = Matcher { diff: &diff, state, exact: true, matching: self };
        matcher.level(places.level(), places.nearest(node.id), node, &diff.at.keys);
    }

    /// Marks the watchers whose captured value has changed, after the write.
    #[inline]
    pub(in crate::cell) fn compare_captured(&mut self, state: &S::State) {
        if self.captured.has_any() {
            self.settle_captured(state);
        }
    }

    #[cold]
    fn settle_captured(&mut self, state: &S::State) {
        let sets = &self.index.sets;
        for CapturedWatcher { watcher, before } in self.captured.kept() {
            let set = sets.of(*watcher);
            if set.watch(watcher.part).has_changed(&**before, state) {
                set.affect(&mut self.marking);
            }
        }
        if let Some(touched) = self.captured.present_touched() {
            touched.settle(sets, state, |set| set.affect(&mut self.marking));
        }
    }
}

/// One part of a write on its way to the watchers of certain places.
struct Matcher<'q, 'a, S: WatcherSet + ?Sized> {
    diff: &'q Diff<'q>,
    state: &'q S::State,
    /// Whether no key on the way here can share its hash with another.
    exact: bool,
    matching: &'q mut Matching<'a, S>,
}

impl<'q, S: WatcherSet + ?Sized> Traverse<'q> for Matcher<'q, '_, S> {
    #[inline]
    fn diff(&self) -> &'q Diff<'q> {
        self.diff
    }

    #[inline]
    fn pass(&mut self, id: EntryId) {
        self.exact &= id.is_exact();
    }

    /// A watcher that cannot be compared yet keeps its value, and is compared after the
    /// write.
    #[inline]
    fn one(&mut self, watcher: Watcher, relation: Relation) {
        let sets = &self.matching.index.sets;
        let differs = match (&self.diff.comparison, relation) {
            (comparison @ Comparison::Roots { .. }, _) => {
                comparison.roots().is_some_and(|(old, new)| sets.watch(watcher).differs(old, new))
            }
            (Comparison::Values { .. } | Comparison::Later, Relation::AtOrAbove) if self.exact => {
                true
            }
            (Comparison::Values { old, new, .. }, Relation::Below(id)) if self.exact => {
                sets.watch(watcher).differs_in_node(old.node(id), new.node(id))
            }
            _ => {
                let Matching { captured, marking, undecided, .. } = &mut *self.matching;
                match undecided {
                    None => {
                        captured.keep(CapturedWatcher::of(watcher, sets, self.state));
                        if sets.of(watcher).records() {
                            marking.affected.expect_record();
                        }
                    }
                    Some(undecided) => undecided.add(watcher),
                }
                return;
            }
        };
        if differs {
            sets.of(watcher).affect(&mut self.matching.marking);
        }
    }

    #[cold]
    fn every(&mut self, level: &Level, scope: EveryScope<'_>) {
        if let Some(undecided) = &mut self.matching.undecided {
            return undecided.add_every();
        }
        let part = WrittenPart { diff: self.diff, state: self.state, exact: self.exact, scope };
        let sets = &self.matching.index.sets;
        let touched = self.matching.captured.touched();
        EveryMatcher { part, sets, touched: &mut *touched }.run(level);
        if touched.wants_record(sets) {
            self.matching.marking.affected.expect_record();
        }
    }
}
