//! Serialises a commit like its changeset, without creating the changeset.

use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};
use smallvec::SmallVec;

use super::commit::Commit;
use super::render::is_shown;
use crate::delta::{Act, Held, PlainSet, RecordedOp, Shows, WrittenValue};
use crate::path::{HeldKey, Hop, PartStep, Shape, WirePart, wire_parts};

/// Byte for byte like [`changeset`](Commit::changeset). If the commit only sets values, the
/// changeset is not created: names are not copied, and values go from the commit to the
/// serializer.
impl<T: Send + Sync, S> Serialize for Commit<T, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        if self.places().is_some() {
            return self.changeset().serialize(serializer);
        }
        if let Some(set) = self.set().and_then(RecordedSet::of) {
            return self.with_ops(serializer, &[set]);
        }
        let recorded = self.recorded_ops();
        let sets = recorded.as_ref().and_then(|(root, ops)| plain_sets(root.shape, ops));
        match sets {
            Some(sets) => self.with_ops(serializer, &sets[..]),
            None => self.changeset().serialize(serializer),
        }
    }
}

impl<T: Send + Sync, S> Commit<T, S> {
    fn with_ops<Z: Serializer, O: Serialize + ?Sized>(
        &self,
        serializer: Z,
        ops: &O,
    ) -> Result<Z::Ok, Z::Error> {
        let ((from, to), origins) = (self.versions(), self.origins());
        let fields = if origins.is_empty() { 3 } else { 4 };
        let mut object = serializer.serialize_struct("Changeset", fields)?;
        object.serialize_field("from", &from)?;
        object.serialize_field("to", &to)?;
        if origins.is_empty() {
            object.skip_field("by")?;
        } else {
            object.serialize_field("by", origins)?;
        }
        object.serialize_field("ops", ops)?;
        object.end()
    }
}

/// A set whose op is not made.
struct RecordedSet<'a> {
    place: RecordedPlace<'a>,
    value: WrittenValue<'a>,
}

struct RecordedPlace<'a> {
    steps: &'a [PartStep],
    keys: &'a [HeldKey],
}

impl<'a> RecordedSet<'a> {
    #[inline]
    fn of(set: &'a PlainSet) -> Option<Self> {
        let (steps, keys) = set.wire()?;
        Some(Self { place: RecordedPlace { steps, keys }, value: set.written()? })
    }
}

impl Serialize for RecordedSet<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            WrittenValue::Scalar(value) => ("=", &self.place, *value).serialize(serializer),
            WrittenValue::Other(value) => ("=", &self.place, value).serialize(serializer),
        }
    }
}

impl Serialize for RecordedPlace<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut keys = self.keys.iter();
        let is_for_people = serializer.is_human_readable();
        let mut parts = serializer.serialize_seq(Some(self.steps.len()))?;
        for step in self.steps {
            match *step {
                PartStep::Name(name) => parts.serialize_element(name)?,
                PartStep::Index(index) => parts.serialize_element(&index)?,
                PartStep::Key(text) => {
                    let key = keys.next();
                    if let Some(key) = key.filter(|_| is_for_people).and_then(HeldKey::as_text) {
                        parts.serialize_element(key)?;
                        continue;
                    }
                    let mut written = None;
                    let mut write = |key: &str| {
                        written.get_or_insert_with(|| parts.serialize_element(key));
                    };
                    key.and_then(|key| text?(key.get(), &mut write));
                    written.unwrap_or_else(|| parts.serialize_element(""))?;
                }
                PartStep::Element => {
                    let index = keys.next().and_then(|key| key.get().downcast_ref::<usize>());
                    parts.serialize_element(&index)?;
                }
            }
        }
        parts.end()
    }
}

/// The ops, if each of them sets a value that serde writes.
fn plain_sets<'a>(
    root: &'static Shape,
    ops: &'a [RecordedOp],
) -> Option<SmallVec<[WireSet<'a>; 1]>> {
    let plain = |op: &'a RecordedOp| match &op.act {
        Act::Set { new, .. }
            if op.shows == Shows::Value && is_shown(&op.route.hops) && op.member().is_none() =>
        {
            Some(WireSet { place: WirePlace { root, hops: &op.route.hops }, value: new })
        }
        _ => None,
    };
    ops.iter().map(plain).collect()
}

/// A set, in the form in which [`Op`](super::Op) serialises it.
struct WireSet<'a> {
    place: WirePlace<'a>,
    value: &'a Held,
}

impl Serialize for WireSet<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ("=", &self.place, self.value).serialize(serializer)
    }
}

/// A place, in the form in which [`Address`](crate::path::Address) serialises it.
struct WirePlace<'a> {
    root: &'static Shape,
    hops: &'a [Hop],
}

impl Serialize for WirePlace<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // An `Address` knows its length beforehand, and so do formats that need one.
        let len = self.hops.iter().filter(|hop| hop.is_part()).count();
        let mut parts = serializer.serialize_seq(Some(len))?;
        for part in wire_parts(self.root, self.hops) {
            match part {
                WirePart::Name(name) => parts.serialize_element(name)?,
                WirePart::Key(key) => parts.serialize_element(&key)?,
                WirePart::Index(index) => parts.serialize_element(&index)?,
                WirePart::Member(member) => parts.serialize_element(&[member])?,
            }
        }
        parts.end()
    }
}
