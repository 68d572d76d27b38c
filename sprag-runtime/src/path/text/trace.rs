//! [`WalkTrace`]: a typed walk as numbers, which costs less than its hops; [`Tracer`], which
//! follows walks, most of which take the steps of the last one.

use std::any::Any;

use smallvec::SmallVec;

use super::held_key::HeldKey;
use crate::path::scalar::Scalar;

/// The steps of a walk without its keys. Two walks from one type with equal traces lead to
/// the same place, each in the entries of its own keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct WalkTrace(Vec<u32>);

/// The keys of a walk, outermost first.
pub(crate) type Keys = SmallVec<[HeldKey; 1]>;

/// The numbers of steps that are not nodes: a tree has fewer than 2³¹ nodes.
const INNER: u32 = u32::MAX;
const INSIDE: u32 = u32::MAX - 1;
const ENTRY: u32 = u32::MAX - 2;

/// Follows one walk after the other. A walk with the steps of the last one changes nothing.
#[derive(Default)]
pub(super) struct Tracer {
    /// The steps of the walk, followed by those of the last one until the walk ends.
    trace: WalkTrace,
    /// The number of steps of the walk so far.
    taken: usize,
    /// Whether all of these were the steps of the last walk.
    is_same: bool,
    /// The keys of the walk that are scalars: no other key is cloned.
    keys: Vec<Scalar>,
    has_other_keys: bool,
}

impl Tracer {
    pub(super) fn begin(&mut self) {
        self.keys.clear();
        (self.taken, self.is_same, self.has_other_keys) = (0, true, false);
    }

    /// Ends the walk. Returns whether its steps are those of the last one.
    pub(super) fn end(&mut self) -> bool {
        self.is_same &= self.taken == self.trace.0.len();
        self.trace.0.truncate(self.taken);
        self.is_same
    }

    pub(super) fn trace(&self) -> &WalkTrace {
        &self.trace
    }

    /// Appends the keys of the walk, unless one of them is not a scalar. Returns whether
    /// they are appended.
    #[inline]
    pub(super) fn put_keys(&self, keys: &mut Keys) -> bool {
        if !self.has_other_keys {
            self.keys.iter().for_each(|key| keys.push(HeldKey::Scalar(*key)));
        }
        !self.has_other_keys
    }

    #[inline]
    pub(super) fn node(&mut self, id: u32) {
        self.step(id);
    }

    #[inline]
    pub(super) fn inner(&mut self) {
        self.step(INNER);
    }

    #[inline]
    pub(super) fn inside(&mut self) {
        self.step(INSIDE);
    }

    /// To an entry, whose key is cloned if it is a scalar.
    #[inline]
    pub(super) fn entry_of<K: Any>(&mut self, key: impl FnOnce() -> K) {
        self.step(ENTRY);
        if !Scalar::holds::<K>() {
            self.has_other_keys = true;
        } else if let Some(key) = Scalar::of(&key()) {
            self.keys.push(key);
        }
    }

    #[inline]
    fn step(&mut self, step: u32) {
        if self.trace.0.get(self.taken) != Some(&step) {
            self.turn();
            self.trace.0.push(step);
        }
        self.taken += 1;
    }

    /// Drops the other steps of the last walk.
    #[cold]
    fn turn(&mut self) {
        self.is_same = false;
        self.trace.0.truncate(self.taken);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn d1_walks_to_different_places_have_different_traces() {
        let walks: [fn(&mut Tracer); 6] = [
            |walk| walk.node(1),
            |walk| walk.node(2),
            |walk| (walk.node(1), walk.node(1)).1,
            |walk| (walk.node(1), walk.inner()).1,
            |walk| (walk.node(1), walk.inside()).1,
            |walk| (walk.node(1), walk.entry_of(|| 7_u8)).1,
        ];
        let (mut tracer, mut traces) = (Tracer::default(), HashSet::new());
        for walk in walks {
            let mut is_repeated = || {
                tracer.begin();
                walk(&mut tracer);
                tracer.end()
            };
            assert!(!is_repeated() && is_repeated());
            assert!(traces.insert(tracer.trace().clone()), "{:?}", tracer.trace());
        }
    }
}
