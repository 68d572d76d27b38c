//! [`CommitPlaces`]: the places that a stream of commits is limited to, and the parts of a
//! commit at these places.

use std::any::Any;
use std::sync::Arc;

use crate::cell::watched::{Watch, WatchEach};
use crate::cell::{Select, SelectPlaces};
use crate::delta::{Act, Held, Known, RecordedOp, exact_depth};
use crate::path::{By, Hop, Route, follow};

/// The places of one stream.
pub(super) struct CommitPlaces<T> {
    places: Vec<CommitPlace>,
    watched: Box<dyn WatchedPlaces<T>>,
}

/// The places of a stream, and their values at one commit where elements may have moved.
pub(super) type AtPlaces<T> = (Arc<CommitPlaces<T>>, Arc<[Option<Held>]>);

/// One place. If it is a place in every entry of a collection, `every` is the number of the
/// hop to the entry, whose key is ignored.
struct CommitPlace {
    route: Route,
    every: Option<usize>,
}

/// The places that a selector watches.
trait WatchedPlaces<T>: Send + Sync {
    fn watch(&self, part: usize) -> Option<&dyn Watch<T>>;
    fn watch_each(&self) -> Option<&dyn WatchEach<T>>;
}

impl<T, S: Select<T>> WatchedPlaces<T> for S {
    fn watch(&self, part: usize) -> Option<&dyn Watch<T>> {
        Select::watch(self, part)
    }

    fn watch_each(&self) -> Option<&dyn WatchEach<T>> {
        Select::watch_each(self)
    }
}

impl<T> CommitPlaces<T> {
    pub(super) fn of<S: SelectPlaces<T>>(select: S, root: Known) -> Self {
        let (mut places, parts) = (Vec::new(), select.places());
        for (hops, every) in parts {
            places.push(CommitPlace::of(root, hops, every));
        }
        Self { places, watched: Box::new(select) }
    }

    pub(super) fn watch(&self, part: usize) -> Option<&dyn Watch<T>> {
        self.watched.watch(part)
    }

    pub(super) fn watch_each(&self) -> Option<&dyn WatchEach<T>> {
        self.watched.watch_each()
    }

    /// The present values of the places behind an index, since a commit can move elements
    /// without mentioning their values. Called under the core lock.
    pub(super) fn present(&self, root: Known, state: &dyn Any) -> Vec<Option<Held>> {
        let present = |place: &CommitPlace| {
            let value = follow(state, place.moved())?;
            root.at(place.moved()).hold(value)
        };
        self.places.iter().map(|place| place.moves().then(|| present(place)).flatten()).collect()
    }

    /// Passes the effect of `op` at the places and below.
    pub(super) fn narrow(
        &self,
        root: Known,
        ops: &[RecordedOp],
        present: &[Option<Held>],
        visit: &mut dyn FnMut(&RecordedOp),
    ) {
        let mut is_shown = vec![false; self.places.len()];
        for op in ops {
            let parts: Vec<_> = self.places.iter().map(|place| place.part_of(root, op)).collect();
            if parts.iter().any(|part| matches!(part, OpPart::Whole)) {
                visit(op);
            }
            for (index, part) in parts.into_iter().enumerate() {
                match part {
                    OpPart::Whole | OpPart::None => {}
                    OpPart::Narrower(op) => visit(&op),
                    OpPart::Moved if std::mem::replace(&mut is_shown[index], true) => {}
                    OpPart::Moved => visit(&self.places[index].set(root, present[index].clone())),
                }
            }
        }
    }
}

/// The part of an op that belongs to a place.
enum OpPart {
    None,
    Whole,
    Narrower(RecordedOp),
    /// The op moves elements, so that the place may have another value.
    Moved,
}

impl CommitPlace {
    fn of(root: Known, mut hops: Vec<Hop>, every: Option<usize>) -> Self {
        hops.truncate(exact_depth(root, &hops));
        let every = every.filter(|every| *every < hops.len());
        Self { route: Route { shape: root.at(&hops).shape, hops }, every }
    }

    /// The hops to the value that other elements move with: the place, or the collection
    /// whose entries all are places.
    fn moved(&self) -> &[Hop] {
        &self.route.hops[..self.every.unwrap_or(self.route.hops.len())]
    }

    /// Whether a commit may change that value by moving elements around it.
    fn moves(&self) -> bool {
        let is_index = |hop: &Hop| matches!(hop, Hop::Entry { entries, .. } if matches!(entries.by, By::Index { .. }));
        self.moved().iter().any(is_index)
    }

    /// Whether the hop with this number is the place's.
    fn has(&self, number: usize, hop: &Hop) -> bool {
        match (&self.route.hops[number], hop) {
            (Hop::Field { index: a, .. }, Hop::Field { index: b, .. })
            | (Hop::Variant { index: a, .. }, Hop::Variant { index: b, .. }) => a == b,
            (Hop::Inside(_), Hop::Inside(_)) => true,
            (Hop::Entry { entries, key: a, .. }, Hop::Entry { key: b, .. }) => {
                self.every == Some(number) || (entries.is_same)(&**a, &**b)
            }
            _ => false,
        }
    }

    fn part_of(&self, root: Known, op: &RecordedOp) -> OpPart {
        let (own, other) = (&self.route.hops, &op.route.hops);
        if !other.iter().take(own.len()).enumerate().all(|(number, hop)| self.has(number, hop)) {
            return OpPart::None;
        }
        if other.len() >= own.len() {
            return OpPart::Whole;
        }
        match (self.every, &op.act) {
            // The elements of a list keep no identity when they move.
            (Some(every), Act::Put { .. } | Act::Take { .. } | Act::Order { .. })
                if every <= other.len() =>
            {
                OpPart::Whole
            }
            (_, Act::Put { .. } | Act::Take { .. } | Act::Order { .. }) => OpPart::Moved,
            (Some(every), act) if every >= other.len() => {
                OpPart::Narrower(self.narrower(root, other, act, every))
            }
            (_, act) => OpPart::Narrower(self.narrower(root, other, act, own.len())),
        }
    }

    /// The change at the place, or at the first hops to it, that an op around the place
    /// makes.
    fn narrower(&self, root: Known, outer: &[Hop], act: &Act, depth: usize) -> RecordedOp {
        let own = &self.route.hops;
        let hops: Vec<_> = outer.iter().chain(&own[outer.len()..depth]).cloned().collect();
        let known = root.at(&hops);
        let new = match act {
            Act::Set { new, .. } | Act::Add { new, .. } => {
                follow(new.get(), &hops[outer.len()..]).and_then(|value| known.hold(value))
            }
            _ => None,
        };
        set(Route { shape: known.shape, hops }, new)
    }

    fn set(&self, root: Known, value: Option<Held>) -> RecordedOp {
        let hops = self.moved().to_vec();
        set(Route { shape: root.at(&hops).shape, hops }, value)
    }
}

/// The op that sets a place to a value, or removes its value.
fn set(route: Route, value: Option<Held>) -> RecordedOp {
    match value {
        Some(new) => RecordedOp::new(route, Act::Set { old: None, new }),
        None => RecordedOp::new(route, Act::Remove { old: None, next: None }),
    }
}
