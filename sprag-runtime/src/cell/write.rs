//! What a write is: something that can be compared with the current state, made
//! in place, and taken back.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::path::{
    Collection, FieldDiff, Map, Node, Nodes, Patch, PatchDiff, PathText, Sequence, Walk, key_hash,
};

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
pub(crate) enum Diff<'a, T> {
    /// One value becomes another.
    Values { node: Node, key: Option<u64>, differs: bool, old: &'a dyn Nodes, new: &'a dyn Nodes },
    /// An entry of a collection comes, goes or moves.
    Entries { node: Node, key: Option<u64> },
    /// Something at or below the place differs between two whole states.
    Roots { node: Node, key: Option<u64>, old: &'a T, new: &'a T },
}

impl<T> Diff<'_, T> {
    pub(super) fn place(&self) -> (Node, Option<u64>) {
        match *self {
            Self::Values { node, key, .. }
            | Self::Entries { node, key }
            | Self::Roots { node, key, .. } => (node, key),
        }
    }

    pub(super) fn is_equal(&self) -> bool {
        matches!(self, Self::Values { differs: false, .. })
    }
}

/// A written place, kept as data.
pub(crate) trait Describe<T>: Send + Sync {
    fn describe(&self, text: &mut PathText<'_>) -> std::fmt::Result;
    fn value<'a>(&self, state: &'a T) -> Option<&'a dyn Any>;
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
}

/// A written place. Cloning is cheap.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Edit<T> {
    node: Node,
    key: Option<u64>,
    /// `None`: the whole state.
    pub(crate) place: Option<Arc<dyn Describe<T>>>,
}

impl<T> Clone for Edit<T> {
    fn clone(&self) -> Self {
        Self { node: self.node, key: self.key, place: self.place.clone() }
    }
}

/// The root of any tree.
const ROOT: Node = Node::root(u32::MAX);

impl<T: 'static> Edit<T> {
    fn whole() -> Self {
        Self { node: ROOT, key: None, place: None }
    }

    pub(crate) fn at<W: Walk<T>>(walk: &W) -> Self {
        let described = Described { walk: walk.clone(), root: PhantomData };
        Self { node: walk.node(), key: walk.key(), place: Some(Arc::new(described)) }
    }

    /// The place's text, joined by dots.
    pub(crate) fn path(&self) -> String {
        let mut text = String::new();
        self.describe(&mut PathText::new(&mut text));
        text
    }

    /// The place as a JSON pointer.
    #[cfg(feature = "serde")]
    pub(crate) fn pointer(&self) -> String {
        let mut text = String::new();
        self.describe(&mut PathText::pointer(&mut text));
        text
    }

    fn describe(&self, text: &mut PathText<'_>) {
        if let Some(place) = &self.place {
            // Writing to a `String` fails only where a key's `Debug` does.
            let _ = place.describe(text);
        }
    }

    /// Said to be at `key` of its node, whatever its walk says.
    pub(crate) fn keyed(self, key: Option<u64>) -> Self {
        Self { key, ..self }
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
pub(crate) struct Set<W, V> {
    pub(crate) walk: W,
    /// The new value; after the write, the old one.
    pub(crate) value: Option<V>,
}

impl<T: Clone + 'static, W: Walk<T>> Write<T> for Set<W, W::Value>
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
        visit(Diff::Values {
            node: self.walk.node(),
            key: self.walk.key(),
            differs: old != new,
            old: &Valued::<T, W>(old, PhantomData),
            new: &Valued::<T, W>(new, PhantomData),
        });
    }

    #[inline]
    fn swap(&mut self, target: &mut T) {
        if let (Some(place), Some(value)) = (self.walk.get_mut(target), &mut self.value) {
            std::mem::swap(place, value);
        }
    }

    fn edits(&self) -> Vec<Edit<T>> {
        vec![Edit::at(&self.walk)]
    }
}

/// Merges a patch into the struct at a place.
pub(crate) struct Merge<W, P> {
    pub(crate) walk: W,
    pub(crate) patch: P,
}

impl<T, W, P> Write<T> for Merge<W, P>
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
        let (base, key) = (self.walk.node(), self.walk.key());
        self.patch.__diff(current, &mut |FieldDiff { node, differs, old, new }| {
            let node = if key.is_some() { base } else { base.then(node) };
            visit(Diff::Values { node, key, differs, old, new });
        });
    }

    fn swap(&mut self, target: &mut T) {
        if let Some(target) = self.walk.get_mut(target) {
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

/// Appends to a sequence.
pub(crate) struct Push<W, V> {
    pub(crate) walk: W,
    /// The element, while it is not in the sequence.
    pub(crate) item: Option<V>,
    /// The index that it gets.
    pub(crate) index: usize,
}

impl<T, W, C> Write<T> for Push<W, C::Item>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Sequence,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        visit(Diff::Entries {
            node: self.walk.node(),
            key: Some(entry_key(&self.walk, &self.index)),
        });
    }

    fn swap(&mut self, target: &mut T) {
        let Some(items) = self.walk.get_mut(target) else { return };
        match self.item.take() {
            Some(item) => items.__push(item),
            None => self.item = items.__pop(),
        }
    }

    fn edits(&self) -> Vec<Edit<T>> {
        vec![Edit::at(&crate::path::entry(self.walk.clone(), self.index))]
    }
}

/// Puts a value under a key.
pub(crate) struct Insert<W, K, V> {
    pub(crate) walk: W,
    pub(crate) key: K,
    /// The new value, while it is not in the map; then the old one, if any.
    pub(crate) value: Option<V>,
    /// Whether it is not what is there already.
    pub(crate) differs: bool,
}

impl<T, W, C> Write<T> for Insert<W, C::Key, C::Item>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Map,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        if self.differs {
            let key = Some(entry_key(&self.walk, &self.key));
            visit(Diff::Entries { node: self.walk.node(), key });
        }
    }

    fn swap(&mut self, target: &mut T) {
        let Some(map) = self.walk.get_mut(target) else { return };
        self.value = match self.value.take() {
            Some(value) => map.__insert(self.key.clone(), value),
            None => map.__remove(&self.key),
        };
    }

    fn edits(&self) -> Vec<Edit<T>> {
        vec![Edit::at(&crate::path::entry(self.walk.clone(), self.key.clone()))]
    }
}

/// Takes an entry out of a collection.
pub(crate) struct Remove<W, K, V> {
    pub(crate) walk: W,
    pub(crate) key: K,
    /// The value, once it is out.
    pub(crate) removed: Option<V>,
}

impl<T, W, C> Write<T> for Remove<W, C::Key, C::Item>
where
    T: Clone + 'static,
    W: Walk<T, Value = C>,
    C: Collection,
{
    #[inline]
    fn site(&self) -> Option<Node> {
        Some(self.walk.node())
    }

    fn diff(&self, _: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        visit(Diff::Entries { node: self.walk.node(), key: removal_key(&self.walk, &self.key) });
    }

    fn swap(&mut self, target: &mut T) {
        let Some(collection) = self.walk.get_mut(target) else { return };
        match self.removed.take() {
            None => self.removed = collection.__remove(&self.key),
            Some(item) => collection.__restore(self.key.clone(), item),
        }
    }

    fn edits(&self) -> Vec<Edit<T>> {
        vec![Edit::at(&crate::path::entry(self.walk.clone(), self.key.clone()))]
    }
}

/// Which of the collection's watchers a write of one entry touches.
pub(crate) fn entry_key<T, W: Walk<T>, K: std::hash::Hash>(walk: &W, key: &K) -> u64 {
    walk.key().unwrap_or_else(|| key_hash(key))
}

/// The same for a removal, after which the later entries of a sequence stand at
/// other indices; `None` means all of them.
pub(crate) fn removal_key<T, W, C>(walk: &W, key: &C::Key) -> Option<u64>
where
    W: Walk<T, Value = C>,
    C: Collection,
{
    if C::__SHIFTS { walk.key() } else { Some(entry_key(walk, key)) }
}

/// A whole new state, built from a clone of the current one.
pub(crate) struct Draft<T> {
    /// The new state; after the write, the old one, unless it is `kept`.
    value: Option<T>,
    /// The old state, where a snapshot of it is still held.
    kept: Option<Arc<T>>,
    /// The places that were written; `None` when it may be any.
    written: Option<Vec<Edit<T>>>,
}

impl<T> Default for Draft<T> {
    fn default() -> Self {
        Self { value: None, kept: None, written: None }
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

    /// What was replaced.
    pub(crate) fn into_old(self) -> Arc<T> {
        let old = self.value.map(Arc::new).or(self.kept);
        old.expect("a committed draft holds the old state")
    }
}

impl<T: Clone + 'static> Write<T> for Draft<T> {
    fn diff(&self, current: &T, visit: &mut dyn FnMut(Diff<'_, T>)) {
        let new = self.state();
        let Some(written) = &self.written else {
            return visit(Diff::Roots { node: ROOT, key: None, old: current, new });
        };
        for edit in written {
            visit(Diff::Roots { node: edit.node, key: edit.key, old: current, new });
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
