//! Serialises a commit like its changeset, without creating the changeset.

use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};
use smallvec::SmallVec;

use super::commit::Commit;
use super::render::is_shown;
use crate::delta::{Act, Held, RecordedOp, Shows};
use crate::path::{Hop, Shape, WirePart, wire_parts};

/// Byte for byte like [`changeset`](Commit::changeset). If the commit only sets values, the
/// changeset is not created: names are not copied, and values go from the commit to the
/// serializer.
impl<T: Send + Sync, S> Serialize for Commit<T, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let Some(record) = self.record.as_ref().filter(|_| self.places.is_none()) else {
            return self.changeset().serialize(serializer);
        };
        let ops = record.ops();
        let Some(sets) = plain_sets(record.root().shape, &ops) else {
            return self.changeset().serialize(serializer);
        };
        let fields = if self.origins.is_empty() { 3 } else { 4 };
        let mut object = serializer.serialize_struct("Changeset", fields)?;
        object.serialize_field("from", &self.from)?;
        object.serialize_field("to", &self.version)?;
        if self.origins.is_empty() {
            object.skip_field("by")?;
        } else {
            object.serialize_field("by", &self.origins)?;
        }
        object.serialize_field("ops", &sets[..])?;
        object.end()
    }
}

/// The ops, if each of them sets a value that serde writes.
fn plain_sets<'a>(
    root: &'static Shape,
    ops: &'a [RecordedOp],
) -> Option<SmallVec<[PlainSet<'a>; 1]>> {
    let plain = |op: &'a RecordedOp| match &op.act {
        Act::Set { new, .. }
            if op.shows == Shows::Value && is_shown(&op.route.hops) && op.member().is_none() =>
        {
            Some(PlainSet { place: WirePlace { root, hops: &op.route.hops }, value: new })
        }
        _ => None,
    };
    ops.iter().map(plain).collect()
}

/// A set, in the form in which [`Op`](super::Op) serialises it.
struct PlainSet<'a> {
    place: WirePlace<'a>,
    value: &'a Held,
}

impl Serialize for PlainSet<'_> {
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
