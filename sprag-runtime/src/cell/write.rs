//! What a write is: something that can be compared with the current state, made
//! in place, and taken back.

mod entries;

use std::any::Any;
use std::marker::PhantomData;
use std::mem::needs_drop;
use std::sync::Arc;

pub(crate) use self::entries::{Append, Insert, Order, Remove, Retain, Sort};
use crate::path::{
    Collection, EntryId, FieldDiff, Location, Node, Nodes, Patch, PatchDiff, PathText, Resizable,
    Walk,
};
#[cfg(feature = "serde")]
use crate::path::{Route, Shape};

/// A write that is ready to be made.
pub(crate) trait Write<T: 'static> {
    /// The node that the write stays within, where there is one.
    fn site(&self) -> Option<Node> {
        None
    }

    /// Shows each written place beside what it will become, before the write.
    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_, T>));

    /// Exchanges what is to be written with what is there; done twice, it leaves
    /// everything as it was. Runs none of the user's code but `Hash` and `Ord` of
    /// keys.
    fn swap(&mut self, target: &mut T);

    /// The written places, for those who are told of them.
    fn edits(&self) -> Vec<Edit<T>>;

    /// Makes the write on a copy, where a snapshot is still held. Gives back the
    /// replaced `Arc`, whose drop is the user's code.
    ///
    /// Not `Arc::make_mut`: it would drop the old state under the lock when a reader
    /// lets go of it meanwhile.
    fn replace(&mut self, state: &mut Arc<T>) -> Arc<T>
    where
        T: Clone,
    {
        let mut copy = T::clone(state);
        self.swap(&mut copy);
        std::mem::replace(state, Arc::new(copy))
    }

    /// Takes the write back. Gives the discarded `Arc` for the user to drop.
    fn undo(&mut self, state: &mut Arc<T>, replaced: Option<Arc<T>>) -> Option<Arc<T>> {
        match replaced {
            Some(old) => Some(std::mem::replace(state, old)),
            None => {
                let state = Arc::get_mut(state).expect("nobody else sees an uncommitted state");
                self.swap(state);
                None
            }
        }
    }
}

/// One written place beside what it will become.
pub(crate) struct Diff<'a, T> {
    pub(super) at: &'a Location,
    /// Which entries of the collection at the place are written, where it is not all
    /// of it.
    pub(super) entries: Option<&'a Entries>,
    pub(super) beside: Beside<'a, T>,
}

/// How those who watch the place and what lies below are compared.
pub(crate) enum Beside<'a, T> {
    /// One value becomes another.
    Values { differs: bool, old: &'a dyn Nodes, new: &'a dyn Nodes },
    /// The place becomes another; what lies below is to be looked at after the write.
    Later,
    /// Something at or below the place differs between two whole states.
    Roots { old: &'a T, new: &'a T },
}

impl<T> Diff<'_, T> {
    pub(super) fn is_equal(&self) -> bool {
        matches!(self.beside, Beside::Values { differs: false, .. })
    }
}

/// Entries of a collection that come, go or move.
#[derive(Clone, Debug)]
pub(crate) struct Entries {
    which: Which,
    /// Whether there are other entries than before.
    outline: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Which {
    One(EntryId),
    These(Arc<[EntryId]>),
    /// The elements from an index on.
    From(usize),
}

impl Entries {
    /// The entry under `key` is written, or comes.
    pub(crate) fn put<C: Collection>(key: &C::Key, is_new: bool) -> Self {
        Self { which: Which::One(C::__id(key)), outline: is_new }
    }

    /// The elements from `index` on change places.
    pub(crate) fn moved(index: usize) -> Self {
        Self { which: Which::From(index), outline: false }
    }

    /// Elements come, the first of them at `index`.
    pub(crate) fn appended(index: usize) -> Self {
        Self { which: Which::From(index), outline: true }
    }

    /// The entries under `keys`, in order, go. In a sequence the later ones move up.
    pub(crate) fn gone<C: Resizable>(keys: &[C::Key]) -> Self {
        let which = match keys {
            [first, ..] if C::__SHIFTS => match C::__id(first) {
                EntryId::Index(first) => Which::From(first),
                id => Which::One(id),
            },
            [one] => Which::One(C::__id(one)),
            keys => Which::These(keys.iter().map(C::__id).collect()),
        };
        Self { which, outline: true }
    }

    pub(super) fn which(&self) -> &Which {
        &self.which
    }

    pub(super) fn is_of_outline(&self) -> bool {
        self.outline
    }
}

/// Shows entries of the collection that `walk` leads to.
fn visit_entries<T, W: Walk<T>>(walk: &W, entries: &Entries, visit: &mut dyn FnMut(Diff<'_, T>)) {
    let at = &location(walk);
    visit(Diff { at, entries: Some(entries), beside: Beside::Later });
}

fn location<T, W: Walk<T>>(walk: &W) -> Location {
    let mut location = Location::root();
    walk.locate(&mut location);
    location
}

/// A written place, kept as data.
pub(crate) trait Describe<T>: Send + Sync {
    fn describe(&self, text: &mut PathText<'_>) -> std::fmt::Result;
    fn value<'a>(&self, state: &'a T) -> Option<&'a dyn Any>;

    /// The shape of the state.
    #[cfg(feature = "serde")]
    fn root(&self) -> &'static Shape;
}

struct Described<W, T> {
    walk: W,
    root: PhantomData<fn() -> T>,
}

impl<T: 'static, W: Walk<T>> Describe<T> for Described<W, T> {
    fn describe(&self, text: &mut PathText<'_>) -> std::fmt::Result {
        self.walk.describe(text)
    }

    fn value<'a>(&self, state: &'a T) -> Option<&'a dyn Any> {
        self.walk.get(state).map(|value| value as &dyn Any)
    }

    #[cfg(feature = "serde")]
    fn root(&self) -> &'static Shape {
        W::root()
    }
}

/// A place that was found by its text.
#[cfg(feature = "serde")]
struct Routed {
    route: Arc<Route>,
    root: &'static Shape,
}

#[cfg(feature = "serde")]
impl<T: 'static> Describe<T> for Routed {
    fn describe(&self, text: &mut PathText<'_>) -> std::fmt::Result {
        self.route.describe(text)
    }

    fn value<'a>(&self, state: &'a T) -> Option<&'a dyn Any> {
        self.route.get(state)
    }

    fn root(&self) -> &'static Shape {
        self.root
    }
}

/// An entry of a collection.
struct DescribedEntry<W, K, T> {
    collection: W,
    key: K,
    root: PhantomData<fn() -> T>,
}

impl<T, W, C> Describe<T> for DescribedEntry<W, C::Key, T>
where
    T: 'static,
    W: Walk<T, Value = C>,
    C: Collection,
{
    fn describe(&self, text: &mut PathText<'_>) -> std::fmt::Result {
        self.collection.describe(text)?;
        text.key(&self.key)
    }

    fn value<'a>(&self, state: &'a T) -> Option<&'a dyn Any> {
        self.collection.get(state)?.__get(&self.key).map(|value| value as &dyn Any)
    }

    #[cfg(feature = "serde")]
    fn root(&self) -> &'static Shape {
        W::root()
    }
}

/// A written place. Cloning is cheap.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Edit<T> {
    location: Location,
    /// Which entries of the collection there, where it is not all of it.
    entries: Option<Entries>,
    /// What is said to be written; `None`: the whole state.
    pub(crate) place: Option<Arc<dyn Describe<T>>>,
}

impl<T> Clone for Edit<T> {
    fn clone(&self) -> Self {
        let (location, entries) = (self.location.clone(), self.entries.clone());
        Self { location, entries, place: self.place.clone() }
    }
}

impl<T: 'static> Edit<T> {
    fn whole() -> Self {
        Self { location: Location::root(), entries: None, place: None }
    }

    /// Of the place that `walk` leads to.
    pub(crate) fn at<W: Walk<T>>(walk: &W) -> Self {
        let place = Described { walk: walk.owned(), root: PhantomData };
        Self { location: location(walk), entries: None, place: Some(Arc::new(place)) }
    }

    /// Of entries of the collection that `walk` leads to.
    pub(crate) fn entries<W: Walk<T>>(walk: &W, entries: Entries) -> Self {
        Self { entries: Some(entries), ..Self::at(walk) }
    }

    /// Of entries of the collection that `walk` leads to, said to be the one at `key`.
    pub(crate) fn entry<W, C>(walk: &W, key: C::Key, entries: Entries) -> Self
    where
        W: Walk<T, Value = C>,
        C: Collection,
    {
        let place = DescribedEntry { collection: walk.owned(), key, root: PhantomData };
        let place = Some(Arc::new(place) as _);
        Self { location: location(walk), entries: Some(entries), place }
    }

    /// The place's text, joined by dots.
    pub(crate) fn path(&self) -> String {
        let mut text = String::new();
        self.describe(&mut PathText::new(&mut text));
        text
    }

    /// A place that was found by its text, in a state of the shape `root`.
    ///
    /// With `is_new` it is an entry that was not there.
    #[cfg(feature = "serde")]
    pub(crate) fn routed(route: &Arc<Route>, root: &'static Shape, is_new: bool) -> Self {
        let mut location = route.location();
        let key = if is_new { location.keys.pop() } else { None };
        let entries = key.map(|(id, _)| Entries { which: Which::One(id), outline: true });
        let place = Routed { route: Arc::clone(route), root };
        Self { location, entries, place: Some(Arc::new(place)) }
    }

    fn describe(&self, text: &mut PathText<'_>) {
        if let Some(place) = &self.place {
            // Writing to a `String` fails only where a key's `Debug` does.
            let _ = place.describe(text);
        }
    }
}

/// A value as nodes.
struct Valued<'a, R, W: Walk<R>>(&'a W::Value, PhantomData<fn() -> R>);

impl<R, W: Walk<R>> Nodes for Valued<'_, R, W> {
    fn node(&self, id: u32) -> Option<&dyn Any> {
        W::node_of(self.0, id)
    }
}

/// Sets one place.
pub(crate) struct Set<W, V, D> {
    pub(crate) walk: W,
    /// The new value; after the write, the old one.
    pub(crate) value: Option<V>,
    discarded: D,
}

impl<W, V, D: Default> Set<W, V, D> {
    pub(crate) fn new(walk: W, value: Option<V>) -> Self {
        Self { walk, value, discarded: Default::default() }
    }
}

impl<T: Clone + 'static, W: Walk<T>> Write<T> for Set<W, W::Value, W::Discarded>
where
    W::Value: PartialEq,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    #[inline]
    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        let (Some(old), Some(new)) = (self.walk.get(current), &self.value) else { return };
        let beside = Beside::Values {
            differs: old != new,
            old: &Valued::<T, W>(old, PhantomData),
            new: &Valued::<T, W>(new, PhantomData),
        };
        visit(Diff { at: &location(&self.walk), entries: None, beside });
    }

    #[inline]
    fn swap(&mut self, target: &mut T) {
        let Self { walk, value: Some(value), discarded } = self else { return };
        if let Some(place) = walk.get_mut(target, discarded) {
            std::mem::swap(place, value);
        }
    }

    fn edits(&self) -> Vec<Edit<T>> {
        vec![Edit::at(&self.walk)]
    }
}

/// Merges a patch into the struct at a place.
pub(crate) struct Merge<W, P, D> {
    pub(crate) walk: W,
    pub(crate) patch: P,
    discarded: D,
}

impl<W, P, D: Default> Merge<W, P, D> {
    pub(crate) fn new(walk: W, patch: P) -> Self {
        Self { walk, patch, discarded: Default::default() }
    }
}

impl<T, W, P> Write<T> for Merge<W, P, W::Discarded>
where
    T: Clone + 'static,
    W: Walk<T>,
    P: PatchDiff<W::Value>,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        let Some(current) = self.walk.get(current) else { return };
        let mut at = location(&self.walk);
        let place = *at.innermost();
        self.patch.__diff(current, &mut |FieldDiff { node, differs, old, new }| {
            *at.innermost() = place.then(node);
            visit(Diff { at: &at, entries: None, beside: Beside::Values { differs, old, new } });
        });
    }

    fn swap(&mut self, target: &mut T) {
        if let Some(target) = self.walk.get_mut(target, &mut self.discarded) {
            self.patch.__swap(target);
        }
    }

    fn edits(&self) -> Vec<Edit<T>> {
        vec![Edit::at(&self.walk)]
    }
}

/// Merges a patch into the root of a state that nobody watches by place.
pub(crate) struct Overlay<P> {
    pub(crate) patch: P,
}

impl<T: Clone + 'static, P: Patch<T>> Write<T> for Overlay<P> {
    fn diff(&self, _: &T, _: &mut dyn FnMut(Diff<'_, T>)) {}

    fn swap(&mut self, target: &mut T) {
        self.patch.__swap(target);
    }

    fn edits(&self) -> Vec<Edit<T>> {
        vec![Edit::whole()]
    }
}

/// A whole new state, built from a clone of the current one.
pub(crate) struct Draft<T> {
    /// The new state; after the write, the old one, unless it is `kept`.
    value: Option<T>,
    /// The old state, where a snapshot of it is still held.
    kept: Option<Arc<T>>,
    /// The places that were written; `None` when it may be any.
    written: Option<Vec<Edit<T>>>,
    /// What a write inside it replaced, to be dropped after the lock.
    discarded: Vec<Box<dyn Any + Send>>,
}

impl<T> Default for Draft<T> {
    fn default() -> Self {
        Self { value: None, kept: None, written: None, discarded: Default::default() }
    }
}

impl<T: Clone + 'static> Draft<T> {
    /// A state that takes the place of any other.
    pub(crate) fn new(state: T) -> Self {
        Self { value: Some(state), ..Self::default() }
    }

    /// Begins with a clone of `state`, in which anything may be written.
    pub(crate) fn begin(&mut self, state: &T) {
        self.value = Some(state.clone());
    }

    /// From here on only the places that are recorded count as written.
    pub(crate) fn record(&mut self) {
        self.written = Some(Vec::new());
    }

    pub(crate) fn wrote(&mut self, edit: Edit<T>) {
        if let Some(written) = &mut self.written {
            written.push(edit);
        }
    }

    pub(crate) fn is_untouched(&self) -> bool {
        self.written.as_ref().is_some_and(Vec::is_empty)
    }

    pub(crate) fn state(&self) -> &T {
        self.value.as_ref().expect("a draft holds its state until it is committed")
    }

    pub(crate) fn state_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("a draft holds its state until it is committed")
    }

    /// The value that `walk` leads to in it.
    pub(crate) fn find<W: Walk<T>>(&mut self, walk: &W) -> Option<&mut W::Value> {
        let state = self.value.as_mut().expect("a draft holds its state until it is committed");
        let mut discarded = W::Discarded::default();
        let found = walk.get_mut(state, &mut discarded);
        if needs_drop::<W::Discarded>() {
            self.discarded.push(Box::new(discarded));
        }
        found
    }

    /// Keeps what the user is to drop after the lock.
    pub(crate) fn discard<V: Send + 'static>(&mut self, value: V) {
        if needs_drop::<V>() {
            self.discarded.push(Box::new(value));
        }
    }

    /// What was replaced.
    pub(crate) fn into_old(self) -> Arc<T> {
        let old = self.value.map(Arc::new).or(self.kept);
        old.expect("a committed draft holds the old state")
    }
}

impl<T: Clone + 'static> Write<T> for Draft<T> {
    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        let new = self.state();
        let beside = || Beside::Roots { old: current, new };
        let Some(written) = &self.written else {
            return visit(Diff { at: &Location::root(), entries: None, beside: beside() });
        };
        for edit in written {
            let (at, entries) = (&edit.location, edit.entries.as_ref());
            visit(Diff { at, entries, beside: beside() });
        }
    }

    fn swap(&mut self, target: &mut T) {
        std::mem::swap(target, self.state_mut());
    }

    fn edits(&self) -> Vec<Edit<T>> {
        self.written.clone().unwrap_or_else(|| vec![Edit::whole()])
    }

    fn replace(&mut self, state: &mut Arc<T>) -> Arc<T> {
        let new = self.value.take().expect("a draft is committed once");
        let old = std::mem::replace(state, Arc::new(new));
        self.kept = Some(Arc::clone(&old));
        old
    }
}
