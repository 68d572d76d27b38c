//! [`PlainPlace`]: a place at which a set of a value is exact, remembered so that the next
//! set there need not check that again; [`PlainSet`]: a set there, as its keys and values.

use std::any::Any;
use std::ptr;

use smallvec::SmallVec;

use super::footprint::{Doing, Footprint};
use super::known::Known;
use super::op::{Act, RecordedOp, ValueOrigin};
use super::value::Both;
use crate::path::{
    AnyKey, Entries, HeldKey, Hop, Inside, PartStep, Route, Scalar, Shape, ShapeField, WalkKeys,
    Write, Writing, wire_steps,
};

/// A place of a cell's state, in every entry of the collections on the way: serde cannot
/// omit any field on the way, the value has its own member in the JSON, and the value can
/// be cloned.
pub(crate) struct PlainPlace {
    steps: SmallVec<[PlainStep; 8]>,
    /// The shape and abilities of the value at the place.
    known: Known,
    /// The place in the JSON; `None` where a set of it is written in another form.
    wire: Option<Box<[PartStep]>>,
    /// Whether serde writes the value by the `Serialize` of its own type.
    is_own_form: bool,
}

/// One hop, without its key.
enum PlainStep {
    Field(&'static Shape, usize, &'static ShapeField),
    Variant(&'static Shape, usize, &'static ShapeField),
    Inside(Inside),
    Entry(&'static Entries),
}

impl PlainStep {
    fn of(hop: &Hop) -> Self {
        match hop {
            Hop::Field { owner, index, field } => Self::Field(owner, *index, field),
            Hop::Variant { owner, index, field } => Self::Variant(owner, *index, field),
            Hop::Inside(inside) => Self::Inside(*inside),
            Hop::Entry { entries, .. } => Self::Entry(entries),
        }
    }

    /// Whether the step is that of `hop`, where the steps before are the same.
    fn is(&self, hop: &Hop) -> bool {
        match (self, hop) {
            (Self::Field(own, at, _), Hop::Field { owner, index, .. })
            | (Self::Variant(own, at, _), Hop::Variant { owner, index, .. }) => {
                ptr::eq(*own, *owner) && at == index
            }
            (Self::Inside(_), Hop::Inside(_)) | (Self::Entry(_), Hop::Entry { .. }) => true,
            _ => false,
        }
    }

    /// The hop, with the next key if it has one.
    fn hop(&self, keys: &mut dyn Iterator<Item = AnyKey>) -> Option<Hop> {
        Some(match *self {
            Self::Field(owner, index, field) => Hop::Field { owner, index, field },
            Self::Variant(owner, index, field) => Hop::Variant { owner, index, field },
            Self::Inside(inside) => Hop::Inside(inside),
            Self::Entry(entries) => Hop::Entry { entries, key: keys.next()?, text: None },
        })
    }
}

impl PlainPlace {
    /// The place at the end of `hops`, with a value that is set there.
    pub(super) fn of(root: Known, hops: &[Hop], value: &dyn Any) -> Self {
        let known = root.at(hops);
        Self {
            steps: hops.iter().map(PlainStep::of).collect(),
            known,
            wire: wire_steps(root.shape, hops),
            is_own_form: known.abilities.write.is_some_and(|write| is_own_form(write, value)),
        }
    }

    fn is(&self, hops: &[Hop]) -> bool {
        self.steps.len() == hops.len() && self.steps.iter().zip(hops).all(|(own, hop)| own.is(hop))
    }

    /// The op of a set at this place whose values are at hand; otherwise returns the
    /// footprint.
    pub(super) fn set<'a>(
        place: Option<&Self>,
        footprint: Footprint<'a>,
    ) -> Result<RecordedOp, Footprint<'a>> {
        let (Some(place), Footprint { hops, node: 0, doing: Doing::Set, values: Some((old, new)) }) =
            (place, &footprint)
        else {
            return Err(footprint);
        };
        if !place.is(hops) {
            return Err(footprint);
        }
        let Some(new) = place.known.hold(*new) else { return Err(footprint) };
        let old = place.known.hold(*old);
        let route = Route { hops: footprint.hops, shape: place.known.shape };
        Ok(RecordedOp::new(route, Act::Set { old, new }))
    }
}

/// Whether `write` passes the value itself, and not a form of it by a function of the
/// user's.
fn is_own_form(write: Write, value: &dyn Any) -> bool {
    let mut is_itself = false;
    write(value, &mut |shown| is_itself = ptr::addr_eq(shown, value));
    is_itself
}

/// A new value that serde can write.
pub(crate) enum WrittenValue<'a> {
    Scalar(&'a Scalar),
    Other(Writing<'a>),
}

/// A set at a plain place. Its op is made when a reader requests the op. Cloning this is
/// cheap.
#[derive(Clone)]
pub(crate) struct PlainSet {
    place: &'static PlainPlace,
    keys: WalkKeys,
    values: Both,
    origin: ValueOrigin,
}

impl PlainSet {
    /// A set whose keys and values are still to be put in.
    #[inline]
    pub(super) fn begin(place: &'static PlainPlace, origin: ValueOrigin) -> Self {
        Self { place, keys: WalkKeys::new(), values: Both::default(), origin }
    }

    /// The keys on the way to the place.
    #[inline]
    pub(crate) fn keys_mut(&mut self) -> &mut WalkKeys {
        &mut self.keys
    }

    /// Puts the old and the new value in: `put_scalars` copies both if their type is one of
    /// scalars, else they are cloned. Returns whether their type can be cloned.
    #[inline]
    pub(crate) fn put_values(
        &mut self,
        old: &dyn Any,
        new: &dyn Any,
        put_scalars: &dyn Fn(&mut Both) -> bool,
    ) -> bool {
        if put_scalars(&mut self.values) {
            return true;
        }
        let both = self.place.known.hold_both(old, new);
        both.map(|both| self.values = both).is_some()
    }

    /// Whether parts of the value may differ that are found by comparing the two.
    pub(super) fn is_edit(&self) -> bool {
        self.origin == ValueOrigin::Edited && self.place.known.shape.has_parts()
    }

    pub(crate) fn op(&self) -> RecordedOp {
        let mut keys = self.keys.iter().map(HeldKey::to_shared);
        let hops = self.place.steps.iter().map_while(|step| step.hop(&mut keys)).collect();
        let (old, new) = self.values.held(self.place.known.abilities);
        let route = Route { hops, shape: self.place.known.shape };
        let act = Act::Set { old: Some(old), new };
        RecordedOp { origin: self.origin, ..RecordedOp::new(route, act) }
    }

    /// The place in the JSON of the state, with the keys on the way; `None` if a set there
    /// is written in another form.
    #[inline]
    pub(crate) fn wire(&self) -> Option<(&[PartStep], &[HeldKey])> {
        Some((self.place.wire.as_deref()?, &self.keys))
    }

    /// The new value, as serde writes it.
    #[inline]
    pub(crate) fn written(&self) -> Option<WrittenValue<'_>> {
        if let Both::Scalars(_, new) = &self.values
            && self.place.is_own_form
        {
            return Some(WrittenValue::Scalar(new));
        }
        let write = self.place.known.abilities.write?;
        Some(WrittenValue::Other(Writing { value: self.values.second(), write }))
    }
}
