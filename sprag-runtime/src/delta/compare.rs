//! The differences between two values of one type, as ops, found by the shape with the
//! types' own `PartialEq`.
//!
//! The comparison is typed, which is some 20 times cheaper than comparing the serde forms.
//! It descends only where values differ, clones only the differing parts, and stops at
//! values that both sides share (`Arc`, `imbl`).

mod fields;
mod list;
mod members;
mod size;

use std::any::Any;

use self::size::KeptRemovals;
use super::exact::{exact_depth, is_element};
use super::known::Known;
use super::op::{Act, RecordedOp, Shows};
use super::step::seen;
use super::value::Held;
use crate::path::{By, Contents, Entries, Hop, Inside, Kind, Route, Shape, ValueRef};

/// The compared values, and the differences found so far.
pub(crate) struct ValueComparison {
    root: Known,
    hops: Vec<Hop>,
    ops: Vec<RecordedOp>,
    kept: KeptRemovals,
    /// Until when lists are compared element by element.
    deadline: std::time::Instant,
}

/// The place must be set as a part of the value after this many hops.
struct Within(usize);

/// Two values of one place.
#[derive(Clone, Copy)]
struct ValuePair<'a> {
    known: Known,
    old: &'a dyn Any,
    new: &'a dyn Any,
}

impl ValuePair<'_> {
    /// Whether the items of a collection cannot be compared, although the collection may be.
    fn has_unequal_items(&self) -> bool {
        match self.known.shape.contents {
            Contents::Entries(entries) => {
                self.known.hop(&entries.element(0)).abilities.eq.is_none()
            }
            _ => false,
        }
    }
}

/// The ops that make `old` into `new`.
pub(crate) fn compare(root: Known, old: &dyn Any, new: &dyn Any) -> Vec<RecordedOp> {
    let mut comparison = ValueComparison::new(root, Vec::new());
    // The root is known to be `Clone`, so that it can always be set as a whole.
    let _ = comparison.compare(ValuePair { known: root, old, new });
    comparison.ops
}

/// Replaces a set of an edited value by the ops of the parts that differ.
pub(crate) fn refine(root: Known, op: RecordedOp) -> Vec<RecordedOp> {
    let Some((old, new)) = op.edited() else { return vec![op] };
    let known = root.at(&op.route.hops);
    let mut comparison = ValueComparison::new(root, op.route.hops.clone());
    let pair = ValuePair { known, old: old.get(), new: new.get() };
    match comparison.compare(pair) {
        Ok(()) => comparison.ops,
        Err(Within(_)) => vec![op],
    }
}

impl ValueComparison {
    /// The comparison of two values at the end of `hops`.
    fn new(root: Known, hops: Vec<Hop>) -> Self {
        let deadline = std::time::Instant::now() + list::PATIENCE;
        Self { root, hops, ops: Vec::new(), kept: KeptRemovals::default(), deadline }
    }

    fn compare(&mut self, pair: ValuePair<'_>) -> Result<(), Within> {
        if std::ptr::addr_eq(pair.old, pair.new) {
            return Ok(());
        }
        let (depth, found) = (self.hops.len(), self.ops.len());
        let done = match self.descend(pair) {
            Ok(()) if self.sets_each_field(pair.known, found) => Err(Within(depth)),
            done => done,
        };
        match done {
            Err(Within(within)) if within >= depth => {
                self.hops.truncate(depth);
                self.ops.truncate(found);
                self.kept.truncate(found);
                self.set(pair, Shows::Value)
            }
            done => done,
        }
    }

    /// Compares the parts of the value. An error requests a set of the whole value.
    fn descend(&mut self, pair: ValuePair<'_>) -> Result<(), Within> {
        let found = self.ops.len();
        let shape = pair.known.shape;
        if pair.has_unequal_items() && pair.known.is_equal(pair.old, pair.new) == Some(true) {
            return Ok(());
        }
        match (shape.kind, shape.contents) {
            (Kind::Struct | Kind::Option, _) => self.fields(pair, shape, 0)?,
            (Kind::Enum, _) => self.variants(pair)?,
            (_, Contents::Inside(inside)) => return self.inside(pair, inside),
            (_, Contents::Entries(entries)) => match entries.by {
                By::Index { .. } => return self.list(pair, entries),
                By::Key { .. } => match entries.members {
                    Some(members) => return self.set_of_members(pair, entries, members),
                    None => return self.map(pair, entries),
                },
            },
            (_, Contents::Nothing) => {}
        }
        // The difference may not be in a place of its own: a skipped field, a unit variant.
        let is_done = self.ops.len() > found && !pair.known.hides_parts();
        if is_done || pair.known.is_equal(pair.old, pair.new) == Some(true) {
            return Ok(());
        }
        Err(Within(self.hops.len()))
    }

    fn variants(&mut self, pair: ValuePair<'_>) -> Result<(), Within> {
        let mut before = 0;
        let owner = pair.known.shape;
        for (index, variant) in owner.fields.iter().enumerate() {
            self.hops.push(Hop::Variant { owner, index, field: variant });
            self.fields(pair, variant.shape, before)?;
            self.hops.pop();
            before += variant.shape.fields.len();
        }
        Ok(())
    }

    /// Compares the places of a struct, an `Option` or a variant, whose first one is the
    /// owner's place of the number `before`.
    fn fields(
        &mut self,
        pair: ValuePair<'_>,
        of: &'static Shape,
        before: usize,
    ) -> Result<(), Within> {
        let owner = pair.known.shape;
        for (index, field) in of.fields.iter().enumerate() {
            let index = before + index;
            let part = |value| seen((owner.part)(ValueRef::Ref(value), index));
            let (old, new) = match (part(pair.old), part(pair.new)) {
                (Some(old), Some(new)) => (old, new),
                (None, None) => continue,
                _ => return Err(Within(self.hops.len())),
            };
            let hop = Hop::Field { owner, index, field };
            let known = pair.known.hop(&hop);
            self.hops.push(hop);
            self.field(ValuePair { known, old, new }, pair.known.left_out(index))?;
            self.hops.pop();
        }
        Ok(())
    }

    /// Compares a field, which serde may leave out before or after.
    fn field(
        &mut self,
        pair: ValuePair<'_>,
        left_out: Option<fn(&dyn Any) -> bool>,
    ) -> Result<(), Within> {
        let Some(left_out) = left_out else { return self.compare(pair) };
        let shows = match (left_out(pair.old), left_out(pair.new)) {
            (false, false) => return self.compare(pair),
            (true, false) => Shows::Value,
            (false, true) => Shows::Gone,
            (true, true) => Shows::Nothing,
        };
        if pair.known.is_equal(pair.old, pair.new) == Some(true) {
            return Ok(());
        }
        if self.hops.last().is_some_and(is_element) {
            return Err(Within(self.hops.len() - 1));
        }
        self.set(pair, shows)
    }

    fn inside(&mut self, pair: ValuePair<'_>, inside: Inside) -> Result<(), Within> {
        let step = |value| seen((inside.step)(ValueRef::Ref(value)));
        let (Some(old), Some(new)) = (step(pair.old), step(pair.new)) else {
            return Err(Within(self.hops.len()));
        };
        let hop = Hop::Inside(inside);
        let known = pair.known.hop(&hop);
        self.hops.push(hop);
        self.compare(ValuePair { known, old, new })?;
        self.hops.pop();
        Ok(())
    }

    fn map(&mut self, pair: ValuePair<'_>, entries: &'static Entries) -> Result<(), Within> {
        let found = self.ops.len();
        self.entries(pair, entries)?;
        let map = (&self.hops[..], pair.known, pair.new);
        if self.kept.are_larger(self.root, (&self.ops, found), map) {
            return Err(Within(self.hops.len()));
        }
        Ok(())
    }

    fn entries(&mut self, pair: ValuePair<'_>, entries: &'static Entries) -> Result<(), Within> {
        for hop in entries.hops(pair.old) {
            let known = pair.known.hop(&hop);
            let entry = |map| seen(hop.step(ValueRef::Ref(map)));
            let (Some(old), new) = (entry(pair.old), entry(pair.new)) else { continue };
            self.hops.push(hop.clone());
            match new {
                Some(new) => self.compare(ValuePair { known, old, new })?,
                None => self.removed(known, old)?,
            }
            self.hops.pop();
        }
        for hop in entries.hops(pair.new) {
            let entry = |map| seen(hop.step(ValueRef::Ref(map)));
            if let (None, Some(new)) = (entry(pair.old), entry(pair.new)) {
                let known = pair.known.hop(&hop);
                self.hops.push(hop.clone());
                self.added(known, new)?;
                self.hops.pop();
            }
        }
        Ok(())
    }

    fn removed(&mut self, known: Known, old: &dyn Any) -> Result<(), Within> {
        let old = self.old(known, old)?;
        self.push(known.shape, Act::Remove { old, next: None })
    }

    fn added(&mut self, known: Known, new: &dyn Any) -> Result<(), Within> {
        let new = self.held(known, new)?;
        self.push(known.shape, Act::Add { new, next: None })
    }

    fn set(&mut self, pair: ValuePair<'_>, shows: Shows) -> Result<(), Within> {
        let old = self.old(pair.known, pair.old)?;
        let new = self.held(pair.known, pair.new)?;
        self.push(pair.known.shape, Act::Set { old, new })?;
        if let Some(op) = self.ops.last_mut() {
            op.shows = shows;
        }
        Ok(())
    }

    fn old(&self, known: Known, value: &dyn Any) -> Result<Option<Held>, Within> {
        self.held(known, value).map(Some)
    }

    /// A clone, or a set of the owner, where the type is not known to be `Clone`.
    fn held(&self, known: Known, value: &dyn Any) -> Result<Held, Within> {
        known.hold(value).ok_or(Within(self.hops.len().saturating_sub(1)))
    }

    fn push(&mut self, shape: &'static Shape, act: Act) -> Result<(), Within> {
        let exact = exact_depth(self.root, &self.hops);
        if exact < self.hops.len() {
            return Err(Within(exact));
        }
        self.ops.push(RecordedOp::new(Route { hops: self.hops.clone(), shape }, act));
        Ok(())
    }
}
