//! [`Recording`]: the ops of a write, taken down around the moment at which the write is
//! made.
//!
//! Before the write, the recording keeps the values that will be removed; after it, the new
//! values. Time and memory depend on the written values, not on the state. A recording runs
//! under the cell's lock, and only while a subscriber reads changes as data. The only
//! users' code that it runs is `Clone` and the predicates of `skip_serializing_if`.

use std::any::Any;
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::exact::{exact_depth, is_element};
use super::footprint::{Doing, Footprint, Footprints};
use super::known::Known;
use super::op::{Act, RecordedOp, Shows};
use super::plain::PlainPlace;
use super::step::seen;
use super::value::Held;
use crate::path::{AnyKey, By, Contents, Entries, Hop, Hops, Location, Route, Shape, ValueRef};

/// The first half of a record, made before the write.
pub(crate) struct Recording {
    root: &'static Known,
    /// Whether old values are kept, for the inverse.
    begun: SmallVec<[Half; 1]>,
}

/// A place of the write, before the write is made.
enum Half {
    Begun(BegunPlace),
    /// Both values were at hand.
    Whole(RecordedOp),
}

/// A place whose write is about to be made.
struct BegunPlace {
    route: Route,
    doing: Doing,
    /// The present values, where they are kept: the value, or each element to be taken.
    old: Vec<Held>,
    /// The member behind the one that will be removed.
    next: Option<AnyKey>,
    /// The fields on the way that serde may leave out, outermost first; none is left out
    /// before the write.
    guards: Vec<Guard>,
}

/// A field that serde may leave out.
struct Guard {
    /// The number of hops to the field.
    depth: usize,
    /// The number of hops to the value that is set once the field is left out.
    target: usize,
    /// The value there, where old values are kept.
    old: Option<Held>,
}

impl Recording {
    /// Reads the values in `state` that `footprints` are about to change.
    pub(crate) fn begin(
        root: &'static Known,
        plain: &mut Option<Arc<PlainPlace>>,
        footprints: Footprints<'_>,
        state: &dyn Any,
    ) -> Self {
        let mut recording = Self { root, begun: SmallVec::new() };
        let footprints = larger_than_the_rest(*root, footprints, state);
        for footprint in footprints {
            let half = match PlainPlace::set(plain.as_deref(), footprint) {
                Ok(op) => Half::Whole(op),
                Err(footprint) => Half::Begun(recording.begin_one(footprint, plain, state)),
            };
            if !recording.has_begun(&half) {
                recording.begun.push(half);
            }
        }
        recording
    }

    /// Whether the last place is this one, as a value around several places of one write is. Keys
    /// that may share their hash are not compared.
    fn has_begun(&self, half: &Half) -> bool {
        let place = |half: &Half| match half {
            Half::Begun(BegunPlace { route, doing: Doing::Set, .. }) => Some(route.location()),
            _ => None,
        };
        let is_exact = |location: &Location| location.keys.iter().all(|(id, _)| id.is_exact());
        let last = self.begun.last().and_then(place).filter(is_exact);
        last.is_some() && place(half) == last
    }

    /// The facts of the whole state.
    pub(crate) fn root(&self) -> &'static Known {
        self.root
    }

    fn begin_one(
        &self,
        footprint: Footprint<'_>,
        plain: &mut Option<Arc<PlainPlace>>,
        state: &dyn Any,
    ) -> BegunPlace {
        let Footprint { hops, node, doing, values } = footprint;
        let route = self.route(hops, node);
        let len = route.hops.len();
        let mut depth = exact_depth(*self.root, &route.hops);
        let (mut guards, mut is_hidden) = (Vec::new(), false);
        for guarded in self.guarded(&route.hops) {
            if guarded > depth {
                break;
            }
            let target = self.target(&route.hops[..guarded]);
            if self.is_left_out(&route.hops[..guarded], state) {
                (depth, is_hidden) = (target, true);
            } else {
                let old = self.held(&route.hops[..target], state);
                guards.push(Guard { depth: guarded, target, old });
            }
        }
        let doing = if is_hidden { Doing::Set } else { doing };
        let (route, doing) = self.widened(route, depth, doing);
        // The others are in the value that is set as a whole.
        guards.retain(|guard| guard.depth <= route.hops.len());
        let is_plain = route.hops.len() == len && guards.is_empty() && !is_hidden;
        if let Some((_, new)) = values.filter(|_| is_plain) {
            *plain = Some(Arc::new(PlainPlace::of(*self.root, &route.hops, new)));
        }
        let old = self.old(&route, &doing, state);
        let next = match doing {
            Doing::Remove => next_member(&route, state),
            _ => None,
        };
        BegunPlace { route, doing, old, next, guards }
    }

    fn route(&self, hops: Vec<Hop>, node: u32) -> Route {
        let mut hops = Hops::along(hops);
        hops.node(self.root.at(&hops.hops).shape, node);
        let hops = hops.hops;
        Route { shape: self.root.at(&hops).shape, hops }
    }

    /// The numbers of hops to the fields that serde may leave out.
    fn guarded(&self, hops: &[Hop]) -> impl Iterator<Item = usize> {
        let owners = hops.iter().scan(*self.root, |known, hop| {
            let owner = *known;
            *known = known.hop(hop);
            Some(owner)
        });
        let guarded = owners.zip(hops).enumerate().filter(|(_, (owner, hop))| match hop {
            Hop::Field { index, .. } => owner.left_out(*index).is_some(),
            _ => false,
        });
        guarded.map(|(index, _)| index + 1).collect::<Vec<_>>().into_iter()
    }

    fn is_left_out(&self, hops: &[Hop], state: &dyn Any) -> bool {
        let Some((Hop::Field { index, .. }, owner)) = hops.split_last() else { return false };
        let left_out = self.root.at(owner).left_out(*index);
        left_out.zip(value(hops, state)).is_some_and(|(left_out, value)| left_out(value))
    }

    /// The number of hops to the value that is set if serde omits the field at the end of
    /// `hops` before or after the write.
    fn target(&self, hops: &[Hop]) -> usize {
        let own = hops.len() - usize::from(hops.last().is_some_and(is_element));
        exact_depth(*self.root, &hops[..own])
    }

    /// The route cut to `depth` hops, and further to a value that can be cloned.
    fn widened(&self, route: Route, mut depth: usize, doing: Doing) -> (Route, Doing) {
        let known = self.root.at(&route.hops);
        if depth == route.hops.len() && self.can_hold(known, &doing) {
            return (route, doing);
        }
        while depth > 0 && self.root.at(&route.hops[..depth]).abilities.clone.is_none() {
            depth = exact_depth(*self.root, &route.hops[..depth - 1]);
        }
        (self.cut(&route, depth), Doing::Set)
    }

    /// Whether the values that `doing` moves can be cloned.
    fn can_hold(&self, known: Known, doing: &Doing) -> bool {
        let known = match (doing, known.shape.contents) {
            (Doing::Order(..), _) => return true,
            (Doing::Put(_) | Doing::Take(_), Contents::Entries(entries)) => {
                known.hop(&entries.element(0))
            }
            _ => known,
        };
        known.abilities.clone.is_some()
    }

    fn cut(&self, route: &Route, depth: usize) -> Route {
        let hops = route.hops[..depth].to_vec();
        Route { shape: self.root.at(&hops).shape, hops }
    }

    /// Clones of the values that will be removed.
    fn old(&self, route: &Route, doing: &Doing, state: &dyn Any) -> Vec<Held> {
        match doing {
            Doing::Set | Doing::Edit | Doing::Remove => {
                self.held(&route.hops, state).into_iter().collect()
            }
            Doing::Take(indices) => self.elements(route, indices.iter().copied(), state),
            Doing::Add | Doing::Put(_) | Doing::Order(..) => Vec::new(),
        }
    }

    fn held(&self, hops: &[Hop], state: &dyn Any) -> Option<Held> {
        self.root.at(hops).hold(value(hops, state)?)
    }

    fn elements(
        &self,
        route: &Route,
        indices: impl Iterator<Item = usize>,
        state: &dyn Any,
    ) -> Vec<Held> {
        let Contents::Entries(entries) = route.shape.contents else { return Vec::new() };
        let Some(list) = value(&route.hops, state) else { return Vec::new() };
        let known = self.root.at(&route.hops).hop(&entries.element(0));
        let element = |index: usize| seen((entries.step)(ValueRef::Ref(list), &index));
        indices.filter_map(|index| known.hold(element(index)?)).collect()
    }

    /// The ops, now that the write is made.
    pub(crate) fn finish(mut self, state: &dyn Any) -> SmallVec<[RecordedOp; 1]> {
        let begun = std::mem::take(&mut self.begun);
        let finish = |half| match half {
            Half::Begun(begun) => self.finish_one(begun, state),
            Half::Whole(op) => Some(op),
        };
        begun.into_iter().filter_map(finish).collect()
    }

    fn finish_one(&self, begun: BegunPlace, state: &dyn Any) -> Option<RecordedOp> {
        let BegunPlace { route, doing, mut old, next, guards } = begun;
        let is_gone = |guard: &Guard| self.is_left_out(&route.hops[..guard.depth], state);
        let gone = guards.into_iter().find(is_gone);
        if let Some(guard) = gone {
            return self.gone(&route, guard, state);
        }
        let origin = doing.origin().unwrap_or_default();
        let act = match doing {
            Doing::Set | Doing::Edit => {
                Act::Set { old: old.pop(), new: self.held(&route.hops, state)? }
            }
            Doing::Add => {
                Act::Add { new: self.held(&route.hops, state)?, next: next_member(&route, state) }
            }
            Doing::Remove => Act::Remove { old: old.pop(), next },
            Doing::Put(indices) => {
                let values = self.elements(&route, indices.iter().copied(), state);
                Act::Put {
                    items: indices.into_iter().zip(values).collect(),
                    len: len(route.shape, &route.hops, state)?,
                }
            }
            Doing::Take(indices) => {
                let old = Some(old);
                Act::Take { indices, old, len: len(route.shape, &route.hops, state)? }
            }
            Doing::Order(first, from) => {
                Act::Order { first, from, len: len(route.shape, &route.hops, state)? }
            }
        };
        let is_hidden = self.is_left_out(&route.hops, state);
        let shows = if is_hidden { Shows::Nothing } else { Shows::Value };
        Some(RecordedOp { shows, origin, ..RecordedOp::new(route, act) })
    }

    /// The op of a write after which serde leaves a field on the way out.
    fn gone(&self, route: &Route, guard: Guard, state: &dyn Any) -> Option<RecordedOp> {
        let Guard { depth, target, old } = guard;
        let route = self.cut(route, target);
        let new = self.held(&route.hops, state)?;
        let shows = if target == depth { Shows::Gone } else { Shows::Value };
        Some(RecordedOp { shows, ..RecordedOp::new(route, Act::Set { old, new }) })
    }
}

/// The length of the list at the end of `hops`.
fn len(shape: &'static Shape, hops: &[Hop], state: &dyn Any) -> Option<usize> {
    let Contents::Entries(entries) = shape.contents else { return None };
    let By::Index { len, .. } = entries.by else { return None };
    value(hops, state).map(len)
}

/// A set of the whole collection instead of `footprints` that are larger as data: they empty a
/// map or a list, or remove more members from a set than the set keeps. A write removes
/// entries of one collection.
fn larger_than_the_rest<'a>(
    root: Known,
    footprints: Footprints<'a>,
    state: &dyn Any,
) -> Footprints<'a> {
    let Some(first) = footprints.first() else { return footprints };
    let whole = match (&first.doing, first.hops.split_last()) {
        (Doing::Take(indices), _) if indices.len() > 1 => {
            let list = &first.hops[..];
            (len(root.at(list).shape, list, state) == Some(indices.len())).then_some(list)
        }
        (Doing::Remove, Some((Hop::Entry { entries, .. }, collection)))
            if footprints.len() > 1 && are_removals(&footprints) =>
        {
            let kept = if entries.members.is_some() { footprints.len() } else { 1 };
            let has_rest = has_entries(entries, collection, footprints.len() + kept, state);
            (!has_rest).then_some(collection)
        }
        _ => None,
    };
    match whole.map(<[Hop]>::to_vec) {
        Some(hops) => smallvec![Footprint::along(hops, Doing::Set)],
        None => footprints,
    }
}

fn are_removals(footprints: &Footprints<'_>) -> bool {
    footprints.iter().all(|footprint| matches!(footprint.doing, Doing::Remove))
}

/// Whether the map or set at the end of `hops` has at least `count` entries.
fn has_entries(entries: &Entries, hops: &[Hop], count: usize, state: &dyn Any) -> bool {
    let (By::Key { some_keys, .. }, Some(map)) = (entries.by, value(hops, state)) else {
        return true;
    };
    let mut seen = 0;
    some_keys(map, count, &mut |_| seen += 1);
    seen == count
}

/// The member behind that at the end of `route`, in a set with an order.
fn next_member(route: &Route, state: &dyn Any) -> Option<AnyKey> {
    let (hop, set) = route.hops.split_last()?;
    let (members, member) = hop.member()?;
    (members.after)(value(set, state)?, &**member)
}

/// The value that `hops` lead to.
fn value<'a>(hops: &[Hop], root: &'a dyn Any) -> Option<&'a dyn Any> {
    hops.iter().try_fold(root, |value, hop| seen(hop.step(ValueRef::Ref(value))))
}
